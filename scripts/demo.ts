/*
 * The example configuration against a local Braze, through the real command line: run, look, run again.
 * With --live: the same events posted to a server, and one user followed to Braze.
 *
 * Works in a temporary directory that is removed at the end, so the state of this checkout stays as it is.
 * Talks to this machine only.
 */
import { execFileSync, spawn } from 'node:child_process'
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { readBraze } from './demo-braze.ts'
import type { HeldCohort, HeldUser } from './demo-braze.ts'
import { demoLive } from './demo-live.ts'

const ROOT = join(import.meta.dirname, '..')
const COMMAND = join(ROOT, 'packages/runner/bin/engage-sync.js')
/** The user on Braze's own page about Segment Engage. */
const PICTURED = 'nora'
const COHORT = 'Dormant shoppers'

const TRY_NEXT = [
  [
    'npx engage-sync validate',
    'break a key in configs/shoppers.yaml first, and see the mistake pointed at',
  ],
  ['npx engage-sync test', 'run the cases beside each sync; change what one expects'],
  ['npx engage-sync plan', 'what a run of this checkout would send, and what it costs'],
] as const

const started = performance.now()
const directory = await mkdtemp(join(tmpdir(), 'engage-sync-demo-'))
try {
  await demo()
} finally {
  await rm(directory, { recursive: true, force: true })
}

async function demo(): Promise<void> {
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-b', 'packages/runner'], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  await cp(join(ROOT, 'configs'), join(directory, 'configs'), { recursive: true })
  await symlink(join(ROOT, 'data'), join(directory, 'data'))
  print(
    'Working on a copy of configs/ in a temporary directory; the state of this checkout is left alone.',
  )

  if (process.argv.includes('--live'))
    return demoLive({ directory, command: COMMAND, user: PICTURED, print, heading })

  heading('engage-sync run', 'three days of Engage events, for the first time')
  await run('run')

  heading('What Braze now holds', 'read from the simulator')
  const first = await readBraze(directory, { user: PICTURED, cohort: COHORT })
  showUser(first.user)
  showCohort(first.cohort)

  heading('engage-sync run --reread', 'all of it again, from the beginning')
  await run('run', '--reread')
  const second = await readBraze(directory, { user: PICTURED, cohort: COHORT })
  const more = second.dataPoints - first.dataPoints
  if (more !== 0)
    throw new Error(`The second run cost ${more} data points; it should have sent nothing`)
  print(
    `Braze's ledger before and after: ${first.dataPoints.toLocaleString('en')} data points. Nothing changed, nothing was sent.`,
  )

  heading('Try next')
  for (const [command, why] of TRY_NEXT) print(`  ${command.padEnd(26)} ${styleText('dim', why)}`)
  print(
    `\n${((performance.now() - started) / 1000).toFixed(1)} seconds, all of it on this machine.`,
  )
}

/** Runs the real command; exit code 1 says that some records of the sample are rejected, as they should be. */
async function run(...words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [COMMAND, ...words, '--env', 'local'], {
    cwd: directory,
    stdio: 'inherit',
  })
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  )
  if (code !== 0 && code !== 1) throw new Error(`engage-sync ${words.join(' ')} ended with ${code}`)
}

function showUser({
  custom_attributes: attributes,
  custom_events: events,
  cohorts,
}: HeldUser): void {
  print(`  user ${styleText('bold', PICTURED)}`)
  for (const [name, value] of Object.entries(attributes))
    print(`    ${name.padEnd(26)} ${styleText('cyan', JSON.stringify(value))}`)
  for (const { name, count, last } of events) {
    print(
      `    ${name.padEnd(26)} ${styleText('cyan', count === 1 ? 'once' : `${count} times`)}${styleText('dim', `, last ${last}`)}`,
    )
  }
  print(`    ${'cohorts'.padEnd(26)} ${styleText('cyan', cohorts.join(', '))}\n`)
}

function showCohort({ name, size, some }: HeldCohort): void {
  print(`  cohort ${styleText('bold', name)}`)
  print(`    ${styleText('cyan', size.toLocaleString('en'))} members: ${some.join(', ')}, …`)
}

function heading(title: string, about = ''): void {
  print(`\n${styleText('bold', `── ${title} `)}${styleText('dim', about)}`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
