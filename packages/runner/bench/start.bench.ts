/*
 * What starting costs: a Node process that does nothing, `--help`, and `validate` of the example
 * configuration, in turn, round after round. Prints medians as JSON: CPU of all threads in
 * milliseconds, and how many times that of the empty process.
 *
 * Run: node packages/runner/bench/start.bench.ts --rounds N (after a build)
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { median } from './summary.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } })

const ROOT = join(import.meta.dirname, '../../..')
const COMMAND = join(ROOT, 'packages/runner/bin/engage-sync.js')
const EMPTY = 'an empty process'
const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  [EMPTY]: ['--input-type=module', '--eval', '0'],
  '--help': [COMMAND, '--help'],
  validate: [COMMAND, 'validate'],
}

/**
 * Loaded before each subject, the empty one too: writes what the process took to file descriptor 3
 * at its end.
 */
const METER = `import { writeSync } from 'node:fs'
process.on('exit', () => { const { user, system } = process.cpuUsage(); writeSync(3, String((user + system) / 1000)) })`

/** CPU of one process from its start to its exit handlers, in milliseconds. */
function cpuMs(args: readonly string[]): number {
  const child = spawnSync(
    process.execPath,
    [`--import=data:text/javascript,${encodeURIComponent(METER)}`, ...args],
    {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    },
  )
  if (child.status !== 0)
    throw new Error(`${args.join(' ')} ended with ${child.status}\n${child.stderr}`)
  return Number(child.output[3])
}

const rounds = Array.from({ length: Number(values.rounds) }, () =>
  Object.fromEntries(Object.entries(SUBJECTS).map(([name, args]) => [name, cpuMs(args)])),
)
const subjects = Object.fromEntries(
  Object.keys(SUBJECTS).map((name) => [
    name,
    {
      cpu_ms: Math.round(median(rounds.map((round) => round[name]))),
      of_empty: Number(median(rounds.map((round) => round[name] / round[EMPTY])).toFixed(1)),
    },
  ]),
)
process.stdout.write(
  `${JSON.stringify({ node: process.version, rounds: rounds.length, subjects }, null, 2)}\n`,
)
