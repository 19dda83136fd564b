/*
 * A full pass over the members of a cohort that are known, 2 % of whom left while as many others came: once from the
 * records of Profiles Sync in a file, which leaves the reading out, and once from the warehouse itself. Every second of
 * those who left is gone altogether, which only the warehouse can tell. Beside P of the same records. Medians of rounds,
 * as JSON.
 *
 * Options: --members N --churn SHARE --rounds N
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { closePlace, measureParse, openPlace } from './measure-run.ts'
import type { Place } from './measure-run.ts'
import { measurePhases, phaseOf } from './phase-report.ts'
import type { PhaseReport } from './phase-report.ts'
import type { Measured } from './process.ts'
import { fileSource } from './project.ts'
import { median } from './summary.ts'
import { AUDIENCE, startWarehouse } from './warehouse.ts'

const { values } = parseArgs({
  options: {
    members: { type: 'string', default: '1000000' },
    churn: { type: 'string', default: '0.02' },
    rounds: { type: 'string', default: '3' },
  },
})

const SYNC = `version: 1
source: engage
backfill: true
identity: { external_id: userId, create_users: true }
audiences:
  ${AUDIENCE}: { cohort: Loyal customers }
`

/** A way to read the pass: a project that knows the members of the day before, and the source of today. */
interface Subject {
  readonly place: Place
  readonly today: string
}

/** One run beside its P. */
interface Reconcile {
  readonly measured: Measured
  readonly report: PhaseReport
  readonly parse: Measured
  readonly requests: number
}

/** What a part of a run took on the main thread, in seconds. */
type Part = (report: PhaseReport) => { readonly wall_seconds: number; readonly cpu_seconds: number }

/** Parts of a run; `difference` is what is left of reading and planning when the rows are open. */
const PARTS: Readonly<Record<string, Part>> = {
  start: (report) => phaseOf(report, 'opened'),
  opening_rows: ({ opening }) => opening,
  difference: (report) => {
    const planned = phaseOf(report, 'planned')
    const { opening } = report
    return { wall_seconds: planned.wall_seconds - opening.wall_seconds, cpu_seconds: planned.cpu_seconds - opening.cpu_seconds }
  },
  delivery: (report) => phaseOf(report, 'finished'),
}

const directory = await mkdtemp(join(tmpdir(), 'engage-sync-bench-'))
const warehouse = await startWarehouse()
process.env.BENCH_WAREHOUSE_URL = warehouse.url
const subjects = new Map<string, Subject>()
const runs = new Map<string, Reconcile[]>()
try {
  const today = join(directory, 'today.ndjson')
  await prepare(today)
  for (let round = 0; round < Number(values.rounds); round++) {
    const parse = await measureParse(today)
    for (const [name, subject] of subjects) runs.set(name, [...(runs.get(name) ?? []), await measureOne(subject, parse)])
  }
} finally {
  for (const { place } of subjects.values()) await closePlace(place)
  await warehouse.stop()
  await rm(directory, { recursive: true })
}
const about = { node: process.version, members: Number(values.members), churn: Number(values.churn), rounds: Number(values.rounds) }
const summary = Object.fromEntries([...runs].map(([name, of]) => [name, summaryOf(of)]))
process.stdout.write(`${JSON.stringify({ ...about, subjects: summary }, null, 2)}\n`)

/** Fills the warehouse, lets both projects learn the members, then changes the warehouse. */
async function prepare(today: string): Promise<void> {
  await warehouse.addMembers(Number(values.members))
  const yesterday = join(directory, 'yesterday.ndjson')
  await warehouse.writeRecords(yesterday)
  subjects.set('records in a file', { place: await placeThatKnows(fileSource(yesterday)), today: fileSource(today) })
  subjects.set('the warehouse', { place: await placeThatKnows(warehouse.source), today: warehouse.source })
  await warehouse.churn(Number(values.churn))
  await warehouse.writeRecords(today)
}

async function placeThatKnows(source: string): Promise<Place> {
  const place = await openPlace({ sync: SYNC, source })
  await measurePhases(place.project)
  await place.project.keepState()
  return place
}

async function measureOne({ place, today }: Subject, parse: Measured): Promise<Reconcile> {
  await place.project.restoreState()
  await place.project.useSource(today)
  await place.sink.takeTraffic()
  const run = await measurePhases(place.project)
  const { requests } = await place.sink.takeTraffic()
  return { ...run, parse, requests }
}

/** `of_p`: seconds ÷ those of P, so below 1 is faster than parsing. */
function summaryOf(of: readonly Reconcile[]): object {
  const middle = (from: (run: Reconcile) => number) => Number(median(of.map(from)).toFixed(3))
  const figures = (wall: (run: Reconcile) => number, mainCpu: (run: Reconcile) => number) => ({
    wall_seconds: middle(wall),
    wall_of_p: middle((run) => wall(run) / run.parse.wall),
    main_cpu_seconds: middle(mainCpu),
    main_cpu_of_p: middle((run) => mainCpu(run) / run.parse.mainCpu),
  })
  const parts = Object.entries(PARTS).map(([name, part]) => [
    name,
    figures(
      ({ report }) => part(report).wall_seconds,
      ({ report }) => part(report).cpu_seconds,
    ),
  ])
  return {
    p_wall_seconds: middle(({ parse }) => parse.wall),
    run: figures(
      ({ measured }) => measured.wall,
      ({ measured }) => measured.mainCpu,
    ),
    ...Object.fromEntries(parts),
    cpu_seconds_of_all_threads: middle(({ measured }) => measured.cpu),
    peak_mb: Math.round(middle(({ measured }) => measured.peakMb)),
    requests: middle(({ requests }) => requests),
  }
}
