import {
  isPending,
  itemAt,
  NO_EVENTS,
  pendingOutputs,
  saysMember,
  userOfRow,
  zip,
} from '@engage-sync/core'
import type {
  CohortDefinition,
  CohortMember,
  Outcome,
  OutputOf,
  PackedRequest,
  PendingOutput,
  RunProgram,
} from '@engage-sync/core'
import { cohortNames } from '../../state/values/values.ts'
import type { Committer } from '../durable/index.ts'
import type { RowAt } from './delivery-inputs.ts'
import type { RowState } from './row-in-flight.ts'
import type { RowOutcomes } from './row-outcomes.ts'
import { countedCall, countFailed, tellSent } from './sending.ts'
import type { Sending } from './sending.ts'

/** Whose memberships change, where, and who takes the outcomes. */
export interface CohortDelivery {
  readonly sending: Sending
  readonly committer: Committer
  readonly outcomes: RowOutcomes
  readonly program: RunProgram
  readonly nowMs: number
  /** Cohorts that are there get the names the program has for them. */
  readonly renamesCohorts: boolean
  /** Told of a row all of whose memberships were delivered or refused. */
  readonly onDone?: (place: RowAt) => void
  /** Names as the destination knows them, by cohort id. */
  readonly known: Map<string, string>
}

/**
 * A row whose memberships are on their way; one request of its user after another, also across
 * cohorts.
 */
interface MemberState extends RowState {
  inFlight: Promise<void> | null
}

interface Place {
  readonly state: MemberState
  readonly pending: PendingOutput<OutputOf<'cohort'>>
}

/**
 * Creates or renames cohorts, then sends membership changes: one request after another within a
 * cohort, cohorts side by side.
 *
 * Shape: whether every cohort exists and every change was delivered or refused, and the rows with
 * changes that were not.
 */
export async function deliverMemberships(
  delivery: CohortDelivery,
  rows: readonly RowAt[],
): Promise<{ readonly isComplete: boolean; readonly unfinished: readonly RowAt[] }> {
  const ready = await prepareCohorts(delivery)
  const byCohort = placesByCohort(delivery.program, rows)
  const done = await Promise.allSettled(
    [...byCohort].map(([id, places]) =>
      deliverCohort(delivery, { id, places, isReady: ready.get(id) ?? false }),
    ),
  )
  await delivery.committer.checkpoint()
  const broken = done.find((result) => result.status === 'rejected')
  if (broken !== undefined) throw broken.reason
  const states = new Set(
    [...byCohort.values()].flatMap((places) => places.map(({ state }) => state)),
  )
  const unfinished = [...states].filter(({ failed }) => failed)
  return { isComplete: unfinished.length === 0 && [...ready.values()].every(Boolean), unfinished }
}

function placesByCohort(program: RunProgram, rows: readonly RowAt[]): ReadonlyMap<string, Place[]> {
  const byCohort = new Map<string, Place[]>()
  for (const { open, row } of rows) {
    const state: MemberState = { open, row, unanswered: 0, failed: false, inFlight: null }
    for (const pending of pendingOutputs(program.outputs, { open, row }, NO_EVENTS)) {
      if (!isPending(pending, 'cohort')) continue
      state.unanswered++
      const id = pending.output.encoding.cohortId
      const places = byCohort.get(id)
      if (places === undefined) byCohort.set(id, [{ state, pending }])
      else places.push({ state, pending })
    }
  }
  return byCohort
}

/** Makes every cohort exist, under its name where it may be renamed; false for those that do not. */
export async function prepareCohorts(
  delivery: Omit<CohortDelivery, 'outcomes'>,
): Promise<ReadonlyMap<string, boolean>> {
  const ready = new Map<string, boolean>()
  for (const cohort of cohortsOf(delivery.program, delivery.nowMs)) {
    const name = delivery.known.get(cohort.id)
    if (name === cohort.name || (name !== undefined && !delivery.renamesCohorts)) {
      ready.set(cohort.id, true)
      continue
    }
    const { sending } = delivery
    const sent = await countedCall(
      sending,
      sending.destination.prepareCohort(cohort, sending.sendSignal),
    )
    const isReady = sent.outcomes.every(({ status }) => status === 'delivered')
    ready.set(cohort.id, isReady)
    if (!isReady) continue
    delivery.known.set(cohort.id, cohort.name)
    delivery.committer.setValue(cohortNames.stored(cohort.id, cohort.name))
  }
  return ready
}

/** The cohorts a program fills, each once. @param nowMs - their `created_at` */
export function cohortsOf(program: RunProgram, nowMs: number): readonly CohortDefinition[] {
  const cohorts = new Map<string, CohortDefinition>()
  for (const output of program.outputs) {
    if (output?.kind !== 'cohort') continue
    const { cohortId: id, name } = output.encoding
    cohorts.set(id, { id, name, createdAt: new Date(nowMs).toISOString() })
  }
  return [...cohorts.values()]
}

async function deliverCohort(
  delivery: CohortDelivery,
  cohort: { id: string; places: readonly Place[]; isReady: boolean },
): Promise<void> {
  const { places } = cohort
  if (!cohort.isReady) {
    for (const place of places)
      settle(delivery, place, { status: 'failed', reason: 'its cohort could not be created' })
    return
  }
  let isComplete = true
  for (const request of delivery.sending.destination.packCohort(cohort.id, places.map(memberOf))) {
    const asked = request.parts.map(({ update }) => itemAt(places, update))
    const states = asked.map(({ state }) => state)
    const outcomes = await oneByOne(states, () => sendCohort(delivery, request, isComplete))
    for (const [place, outcome] of zip(asked, outcomes)) settle(delivery, place, outcome)
    if (outcomes.some(({ status }) => status === 'failed' || status === 'unknown'))
      isComplete = false
    delivery.committer.soon()
  }
}

/**
 * Works once none of the rows has a request in flight, and keeps others away from them meanwhile.
 */
async function oneByOne<T>(states: readonly MemberState[], work: () => Promise<T>): Promise<T> {
  for (let busy = states.find(isBusy); busy !== undefined; busy = states.find(isBusy))
    await busy.inFlight
  let finish = (): void => undefined
  const inFlight = new Promise<void>((resolve) => (finish = resolve))
  for (const state of states) state.inFlight = inFlight
  try {
    return await work()
  } finally {
    for (const state of states) state.inFlight = null
    finish()
  }
}

function isBusy({ inFlight }: MemberState): boolean {
  return inFlight !== null
}

function memberOf({ state, pending }: Place, update: number): CohortMember {
  const { open, row } = state
  return { update, ref: 0, user: userOfRow(open.rows, row), member: saysMember(open, pending) }
}

/** After a failure the cohort's later requests stay pending, so that their order holds. */
async function sendCohort(
  delivery: CohortDelivery,
  request: PackedRequest,
  isComplete: boolean,
): Promise<readonly Outcome[]> {
  if (!isComplete || delivery.sending.signal.aborted)
    return request.parts.map(() => ({ status: 'failed', reason: 'not sent' }))
  const { sending } = delivery
  const sent = await countFailed(sending, sending.destination.send(request, sending.sendSignal))
  tellSent(sending, sent, request.parts.length)
  return sent.outcomes
}

function settle(delivery: CohortDelivery, { state, pending }: Place, outcome: Outcome): void {
  delivery.outcomes.membership(state, pending, outcome)
  if (--state.unanswered > 0 || state.failed) return
  delivery.outcomes.finishRow(state.open, state.row)
  delivery.onDone?.(state)
}
