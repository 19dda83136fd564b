/*
 * A full pass over the members of a cohort that are known, 2 % of whom left while as many others
 * came: once from the records of Profiles Sync in a file, which leaves the reading out, and once
 * from the warehouse itself. Every second of those who left is gone altogether, which only the
 * warehouse can tell. Beside P of the same records. Medians of rounds, as JSON.
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

/**
 * A way to read the pass: a project that knows the members of the day before, and the source of
 * today.
 */
interface Subject {
  readonly place: Place
  readonly today: string
}

/** One run beside its P. */
interface Reconcile {
  readonly measured: Measured
  readonly report: PhaseReport
  /** Of a second run, in which the main thread decodes nothing. */
  readonly apart: PhaseReport
  readonly parse: Measured
  readonly requests: number
}

/** What something took on the main thread, in seconds. */
interface Seconds {
  readonly wall_seconds: number
  readonly cpu_seconds: number
}

/**
 * Parts of a run. `difference` is what is left of reading and planning when the rows are open.
 * `reconciling` is the part of it that is no reading and no decoding: users found, values compared,
 * rows marked and swept, the plan made.
 */
const PARTS: Readonly<Record<string, (run: Reconcile) => Seconds>> = {
  start: ({ report }) => phaseOf(report, 'opened'),
  opening_rows: ({ report }) => report.opening,
  difference: ({ report }) => minus(phaseOf(report, 'planned'), report.opening),
  reconciling: ({ apart }) => plus(minus(apart.folding, apart.opening), phaseOf(apart, 'planned')),
  delivery: ({ report }) => phaseOf(report, 'finished'),
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
    for (const [name, subject] of subjects)
      runs.set(name, [...(runs.get(name) ?? []), await measureOne(subject, parse)])
  }
} finally {
  for (const { place } of subjects.values()) await closePlace(place)
  await warehouse.stop()
  await rm(directory, { recursive: true })
}
const about = {
  node: process.version,
  members: Number(values.members),
  churn: Number(values.churn),
  rounds: Number(values.rounds),
}
const summary = Object.fromEntries([...runs].map(([name, of]) => [name, summaryOf(of)]))
process.stdout.write(`${JSON.stringify({ ...about, subjects: summary }, null, 2)}\n`)

/** Fills the warehouse, lets both projects learn the members, then changes the warehouse. */
async function prepare(today: string): Promise<void> {
  await warehouse.addMembers(Number(values.members))
  const yesterday = join(directory, 'yesterday.ndjson')
  await warehouse.writeRecords(yesterday)
  subjects.set('records in a file', {
    place: await placeThatKnows(fileSource(yesterday)),
    today: fileSource(today),
  })
  subjects.set('the warehouse', {
    place: await placeThatKnows(warehouse.source),
    today: warehouse.source,
  })
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
  await place.project.useSource(today)
  await place.project.restoreState()
  const { report: apart } = await measurePhases(place.project, ['--decode-apart'])
  await place.project.restoreState()
  await place.sink.takeTraffic()
  const run = await measurePhases(place.project)
  const { requests } = await place.sink.takeTraffic()
  return { ...run, apart, parse, requests }
}

function minus(seconds: Seconds, part: Seconds): Seconds {
  return {
    wall_seconds: seconds.wall_seconds - part.wall_seconds,
    cpu_seconds: seconds.cpu_seconds - part.cpu_seconds,
  }
}

function plus(seconds: Seconds, other: Seconds): Seconds {
  return {
    wall_seconds: seconds.wall_seconds + other.wall_seconds,
    cpu_seconds: seconds.cpu_seconds + other.cpu_seconds,
  }
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
      (run) => part(run).wall_seconds,
      (run) => part(run).cpu_seconds,
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
