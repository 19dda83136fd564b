/*
 * How much of a first load goes to marks and commits: calls of a SQLite state that loses nothing
 * with the power (`synchronous=FULL`), which hold up the main thread until the disk has answered.
 * Medians of rounds, as JSON.
 *
 * Options: --events N --users N --rounds N
 */
import { parseArgs } from 'node:util'
import { eventFile } from './event-files.ts'
import { closePlace, openPlace } from './measure-run.ts'
import type { Place } from './measure-run.ts'
import { measurePhases } from './phase-report.ts'
import type { PhaseReport } from './phase-report.ts'
import type { Measured } from './process.ts'
import { EVERY_ENCODING, fileSource, TWELVE_ATTRIBUTES } from './project.ts'
import { median } from './summary.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '400000' },
    users: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '3' },
  },
})

/** One run. */
interface Durable {
  readonly measured: Measured
  readonly state: PhaseReport['state']
}

const SYNCS: Readonly<Record<string, string>> = {
  'twelve attributes': TWELVE_ATTRIBUTES,
  'every encoding': EVERY_ENCODING,
}
const file = await eventFile({ events: Number(values.events), users: Number(values.users) })
const places = new Map<string, Place>()
const runs = new Map<string, Durable[]>()
try {
  for (const [name, sync] of Object.entries(SYNCS))
    places.set(name, await openPlace({ sync, source: fileSource(file) }))
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, place] of places)
      runs.set(name, [...(runs.get(name) ?? []), await measureOne(place)])
  }
} finally {
  for (const place of places.values()) await closePlace(place)
}
const subjects = Object.fromEntries([...runs].map(([name, of]) => [name, summaryOf(of)]))
const about = {
  node: process.version,
  events: Number(values.events),
  users: Number(values.users),
  rounds: Number(values.rounds),
}
process.stdout.write(`${JSON.stringify({ ...about, subjects }, null, 2)}\n`)

async function measureOne({ project }: Place): Promise<Durable> {
  await project.restoreState()
  const { measured, report } = await measurePhases(project)
  return { measured, state: report.state }
}

/** Shares are of the whole process, its start included. */
function summaryOf(of: readonly Durable[]): object {
  const middle = (from: (run: Durable) => number) => Number(median(of.map(from)).toFixed(3))
  const methods = Object.keys(of[0].state).filter((method) => method.startsWith('commit'))
  const parts = methods.map((method) => [
    method,
    {
      calls: middle(({ state }) => state[method].calls),
      wall_seconds: middle(({ state }) => state[method].wall_seconds),
      cpu_seconds: middle(({ state }) => state[method].cpu_seconds),
    },
  ])
  return {
    wall_seconds: middle(({ measured }) => measured.wall),
    main_cpu_seconds: middle(({ measured }) => measured.mainCpu),
    share_of_wall: middle(({ measured, state }) => sumOf(state, 'wall_seconds') / measured.wall),
    share_of_main_cpu: middle(
      ({ measured, state }) => sumOf(state, 'cpu_seconds') / measured.mainCpu,
    ),
    ...Object.fromEntries(parts),
  }
}

/** Of all calls, those that only read and the closing too. */
function sumOf(state: PhaseReport['state'], of: 'wall_seconds' | 'cpu_seconds'): number {
  return Object.values(state).reduce((sum, costs) => sum + costs[of], 0)
}
