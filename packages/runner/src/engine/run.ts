import type { PlanSummary, Report } from '@engage-sync/core'
import { causeOf } from '../process/cause.ts'
import { tryToPurge } from '../state/actions/purge.ts'
import { fingerprintOfAll } from '../state/values/configuration.ts'
import { gatherHomes } from '../state/values/home-values.ts'
import type { Recovered } from '../state/values/values.ts'
import { deliveryRules, openBooks, rowOutcomes } from './books.ts'
import type { Books } from './books.ts'
import { endedBy, PlanDelivery, Rounds } from './delivery/index.ts'
import type { Delivered, PlanDeliveryInputs, RowOutcomes, SentCall } from './delivery/index.ts'
import { takeLease, recover, sendStart, setAllTimesBack, sleep } from './durable/index.ts'
import type { HeldLease } from './durable/index.ts'
import { judgeRun } from './judge-run.ts'
import { finishRun } from './finish.ts'
import type { RunResult } from './finish.ts'
import { AskedHoldings } from './holdings/index.ts'
import { settleRollout } from './mappings/index.ts'
import { openRun, openSources, plannerOf } from './open.ts'
import type { OpenRun } from './open.ts'
import { DueTimes } from './partitions/index.ts'
import { planPasses } from './reading/index.ts'
import type { Planned, SourceFold } from './reading/index.ts'
import type { EngineOptions } from './request/index.ts'
import { RunJournal } from './run-journal.ts'

/** After an interrupt, how long requests in flight may still take, milliseconds. */
const GRACE_MS = 10_000

/**
 * One run, from the lease to its release: open, fold, plan, guard, deliver, finish.
 *
 * @throws {SyncError} `STATE_…`, `SOURCE_…`, `PLAN_STALE` before anything is sent; failures of delivery come back
 * as `failure`
 */
export async function run(options: EngineOptions): Promise<RunResult> {
  const { store, waitForLeaseMs: waitMs = 0, leaseTtlMs: ttlMs, signal } = options
  const startedMs = options.now()
  const lease = await takeLease(store, { waitMs, ttlMs, signal })
  try {
    return await runUnder(lease, options, startedMs)
  } finally {
    await lease.release()
  }
}

/**
 * The same under a lease that somebody else holds and releases.
 *
 * @param startedMs - the run's `now`, milliseconds since the epoch
 */
export async function runUnder(
  lease: HeldLease,
  options: EngineOptions,
  startedMs: number,
): Promise<RunResult> {
  if (lease.isShared !== true) await settleFleet(options, lease)
  return await journaled(options, { lease, startedMs }, work)
}

/** What a fleet left open, for whoever works with nobody beside: what its workers kept apart comes together, and a rollout ends. */
export async function settleFleet(
  { store, syncs }: Pick<EngineOptions, 'store' | 'syncs'>,
  { current }: HeldLease,
): Promise<void> {
  await gatherHomes(store, current.epoch)
  await settleRollout(store, current, fingerprintOfAll(syncs))
}

/** Purges what this or a killed run erased; an interrupted one leaves it to the next, and a part to whoever works alone. Returns what prevented it, or null. */
async function purge({ store, signal }: EngineOptions, lease: HeldLease): Promise<unknown> {
  return signal.aborted || lease.isShared === true
    ? null
    : await tryToPurge(store, () => lease.current.epoch)
}

/** What a run is, between the record of its begin and that of its end. */
export type RunWork<Result> = (
  options: EngineOptions,
  under: Pick<Books, 'lease' | 'journal'>,
) => Promise<Result>

/** Does the work of a run, and notes how it ended, whatever that is. */
export async function journaled<Result extends Pick<RunResult, 'report' | 'failure'>>(
  options: EngineOptions,
  { lease, startedMs }: { readonly lease: HeldLease; readonly startedMs: number },
  work: RunWork<Result>,
): Promise<Result> {
  const journal = await RunJournal.begin(options, lease, startedMs)
  try {
    const result = await work(options, { lease, journal })
    const prevented = await purge(options, lease)
    if (prevented === null || result.failure !== null) return result
    const report: Report = { ...result.report, status: 'failed', error: causeOf(prevented) }
    await journal.recordEnd(lease, report)
    return { ...result, report, failure: prevented }
  } catch (error) {
    await journal.recordFailure(lease, error)
    await purge(options, lease)
    throw error
  }
}

async function work(
  options: EngineOptions,
  { lease, journal }: Pick<Books, 'lease' | 'journal'>,
): Promise<RunResult> {
  const { observe, expect = null } = options
  const open = await openRun(options, {
    nowMs: expect?.asOf ?? journal.startedMs,
    run: journal.number,
  })
  const books = openBooks(options, open, { lease, journal })
  const recovered = await begin(options, open, books)
  const fold = await openSources(options, open)
  const planned = await planPasses(fold, open.partitions, {
    createPlanner: plannerOf(open),
    digest: expect !== null,
  })
  observe({ type: 'planned', summary: planned.summary, passes: planned.passes })
  const stops = await judgeRun(options, open, { planned, fold })
  if (stops.length > 0) observe({ type: 'guarded', stops })
  const due = new DueTimes(open.mappings.program, {
    nowMs: open.nowMs,
    isPartial: !options.kind.commits.dueTimes,
  })
  const outcomes = rowOutcomes(options, open, books)
  const { committer } = books
  const rounds = new Rounds({
    ...options,
    committer,
    outcomes,
    recovered,
    onVerifying: verifyingTo(observe),
  })
  const delivery = { books, fold, planned, due, outcomes, rounds }
  const delivered = stops.length > 0 ? endedBy(null) : await deliver(options, open, delivery)
  return finishRun(options, open, {
    ...books,
    fold,
    planned,
    due,
    stops,
    delivered,
    rounds: rounds.ended,
  })
}

function verifyingTo(
  observe: EngineOptions['observe'],
): ConstructorParameters<typeof Rounds>[0]['onVerifying'] {
  return ({ requests, ms }) => observe({ type: 'verifying', requests, ms })
}

/** Makes the run and its mappings known, and decides what earlier runs left open. */
export async function begin(
  options: EngineOptions,
  open: OpenRun,
  { lease, journal, committer }: Books,
): Promise<Recovered> {
  const { store, observe, environment, syncs, kind } = options
  const { mappings, partitions } = open
  await store.commit({
    epoch: lease.current.epoch,
    run: journal.record('running', null),
    values: mappings.values,
    mappings: kind.commits.births ? mappings.begun : [],
  })
  observe({
    type: 'started',
    run: journal.number,
    environment,
    syncs: syncs.map(({ name }) => name),
  })
  const onVerifying = verifyingTo(observe)
  const recovered = await recover({
    ...options,
    rows: partitions.rows,
    program: mappings.program,
    committer,
    onVerifying,
  })
  if (recovered.marks > 0) observe({ type: 'recovered', marks: recovered.marks })
  await setTimesBackOnce(options, open, { committer, journal })
  return recovered
}

/** Brings in line what an older version took of the future, and says how much that was. */
async function setTimesBackOnce(
  { store }: EngineOptions,
  { ahead, partitions, reasons }: OpenRun,
  { committer, journal }: Pick<Books, 'committer' | 'journal'>,
): Promise<void> {
  if (ahead === null) return
  const parts = { store, rows: partitions.rows, committer, isNew: journal.number === 1 }
  const count = await setAllTimesBack(parts, ahead)
  for (let left = count; left > 0; left--) reasons.add('STATE_TIME_SET_BACK', '')
}

interface Delivery {
  readonly books: Books
  readonly fold: SourceFold
  readonly planned: Planned
  readonly due: DueTimes
  readonly outcomes: RowOutcomes
  readonly rounds: Rounds
}

async function deliver(
  options: EngineOptions,
  open: OpenRun,
  delivery: Delivery,
): Promise<Delivered> {
  const { books, fold, planned } = delivery
  const { store, signal, kind } = options
  if (planned.summary.users.changed > 0 && kind.commits.sendStart)
    await store.commit({
      epoch: books.lease.current.epoch,
      values: [sendStart(open.unconfirmed, fold.ranges)],
    })
  const hard = new AbortController()
  const onAbort = () => setTimeout(() => hard.abort(), GRACE_MS).unref()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const sending = planDelivery(options, open, { ...delivery, sendSignal: hard.signal })
    return await sending.run(planned, fold, plannerOf(open))
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function planDelivery(
  options: EngineOptions,
  open: OpenRun,
  {
    books,
    due,
    outcomes,
    rounds,
    planned,
    sendSignal,
  }: Delivery & { readonly sendSignal: AbortSignal },
): PlanDelivery {
  const { store, observe, destination, signal, now } = options
  const { mappings, partitions, reasons, retried } = open
  const { committer, counters, lease, journal } = books
  const onSent = (sent: SentCall) => {
    for (let left = sent.uncounted ?? 0; left > 0; left--) reasons.add('DELIVERED_UNCOUNTED', '')
    observe({ type: 'sent', ...counters.sent(sent) })
  }
  destination.beforeRequest(() => lease.ensure())
  destination.onWait?.((ms) => observe({ type: 'held', ms }))
  destination.onRetry?.(({ reason, waitMs: ms }) => observe({ type: 'unavailable', reason, ms }))
  return new PlanDelivery({
    sending: { destination, run: journal.number, signal, sendSignal, onSent, wait: sleep },
    committer,
    outcomes,
    rounds,
    store,
    lease,
    partitions,
    program: mappings.program,
    due,
    rules: deliveryRules(options, open),
    letterOf: (place, change) => retried?.letterOf(place, change) ?? null,
    reasons,
    onLetter: (sync) => counters.countLetter(sync),
    onForgotten: (users, deleted) => counters.countForgotten(users, deleted),
    prepare: preparing(options, open, planned.summary),
    onSettling: (ms) => observe({ type: 'settling', ms }),
    now,
  })
}

/** Has the destination asked what it holds, where the run is to know; undefined where not. */
function preparing(
  { ask = null, observe, signal }: EngineOptions,
  { mappings, partitions, nowMs }: OpenRun,
  { users }: PlanSummary,
): PlanDeliveryInputs['prepare'] {
  if (ask === null) return undefined
  const { rows } = partitions
  const { program } = mappings
  const holdings = new AskedHoldings({
    ask,
    program,
    rows,
    nowMs,
    users: users.changed,
    observe,
    signal,
  })
  return (place) => holdings.keep(place)
}
