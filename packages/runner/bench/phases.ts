/*
 * Where the time of one run goes: CPU of the main thread and wall, phase by phase, and what calls
 * of the state and opening its rows took.
 *
 * Run in a project's directory: `node phases.ts [--reread] [--decode-apart]`. Prints JSON
 * (`PhaseReport`). With `--decode-apart` the main thread decodes nothing, so that what it does
 * while it reads is folding.
 */
import { decodeAhead } from '@engage-sync/segment'
import type { DecodePlan, RawChunk } from '@engage-sync/core'
import { engineOptions } from '../dist/workspace/engine-options.js'
import { run } from '../dist/engine/index.js'
import { openEnvironment } from '../dist/workspace/environment/open-environment.js'
import { openWorkspace } from '../dist/workspace/open-workspace.js'
import type { Phase, PhaseReport } from './phase-report.ts'
import type { CallCosts } from './timed-store.ts'
import { noCosts, startTiming, timed, timeOpening } from './timed-store.ts'

const io = {
  stdout: { write: () => undefined, isTTY: false, columns: 100 },
  stderr: { write: () => undefined, isTTY: false, columns: 100 },
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  now: Date.now,
  signal: new AbortController().signal,
}
const flags = {
  configs: 'configs',
  env: 'local',
  isEnvDefault: true,
  reread: process.argv.includes('--reread'),
}

const phases: Phase[] = []
let last = { cpu: 0, wall: 0 }
/** Ends a phase; the first began with the process. */
function end(phase: string): void {
  const { user, system } = process.threadCpuUsage()
  const now = { cpu: (user + system) / 1e6, wall: performance.now() / 1000 }
  phases.push({
    phase,
    cpu_seconds: round(now.cpu - last.cpu),
    wall_seconds: round(now.wall - last.wall),
  })
  last = now
}

const folding = noCosts()
/**
 * All chunks decoded by the other thread; what their receiver does with each is counted as folding.
 */
async function* decodeApart(
  chunks: AsyncIterable<RawChunk>,
  plan: DecodePlan,
): AsyncGenerator<RawChunk> {
  for await (const chunk of decodeAhead(chunks, plan, { afterBytes: 0, isShared: false })) {
    const stop = startTiming(folding)
    yield chunk
    stop()
  }
  end('read')
}

function round(seconds: number): number {
  return Number(seconds.toFixed(3))
}

function rounded({ calls, wall_seconds, cpu_seconds }: CallCosts): CallCosts {
  return { calls, wall_seconds: round(wall_seconds), cpu_seconds: round(cpu_seconds) }
}

const opened = openEnvironment(io, flags)
const workspace = await openWorkspace(opened, opened.config.syncs)
const { store, costs } = timed(workspace.store)
const opening = timeOpening()
end('opened')
const { failure, stops } = await run({
  ...engineOptions(io, flags, { ...workspace, store }),
  ...(process.argv.includes('--decode-apart') ? { decodeAhead: decodeApart } : {}),
  observe: ({ type }) => {
    if (type === 'planned' || type === 'finished') end(type)
  },
})
if (failure !== null) throw failure
if (stops.length > 0) throw new Error(`stopped by ${stops.map(({ guard }) => guard).join(', ')}`)
end('ended')
await workspace.braze.close()
await store.close()
end('closed')
const state = Object.fromEntries(Object.entries(costs).map(([name, cost]) => [name, rounded(cost)]))
process.stdout.write(
  `${JSON.stringify({ phases, state, opening: rounded(opening), folding: rounded(folding) } satisfies PhaseReport, null, 2)}\n`,
)
