import type { CohortDefinition, CohortMember, Destination, Outcome, PackedRequest, RunProgram } from '@engage-sync/core'
import { userOfRow } from '@engage-sync/core'
import type { Committer } from './committer.ts'
import type { RowInFlight, RowOutcomes } from './row-delivery.ts'

/** Key under which the state keeps a cohort's name at the destination. */
export function cohortKey(id: string): string {
  return `cohort:${id}`
}

/** What changing memberships needs. */
export interface CohortParts {
  readonly program: RunProgram
  readonly destination: Destination
  readonly committer: Committer
  readonly outcomes: RowOutcomes
  /** Aborted: nothing more is started. */
  readonly signal: AbortSignal
  /** Aborted: what is in flight is given up. */
  readonly sendSignal: AbortSignal
  readonly nowMs: number
  /** Names as the destination knows them, by cohort id. */
  readonly known: Map<string, string>
  readonly onSent: (sent: { readonly requests: number; readonly retries: number; readonly updates: number }) => void
}

interface Place {
  readonly flight: RowInFlight
  readonly ref: number
}

/**
 * Creates or renames cohorts, then sends membership changes: one request after another within a cohort, cohorts side
 * by side. Returns whether every change was delivered or refused.
 */
export async function deliverMemberships(parts: CohortParts, flights: readonly RowInFlight[]): Promise<boolean> {
  const ready = await prepareCohorts(parts)
  const byCohort = new Map<string, Place[]>()
  for (const flight of flights) {
    flight.unanswered = flight.update.memberships.length
    for (const { cohortId, ref } of flight.update.memberships) {
      const places = byCohort.get(cohortId)
      if (places === undefined) byCohort.set(cohortId, [{ flight, ref }])
      else places.push({ flight, ref })
    }
  }
  const done = await Promise.allSettled(
    [...byCohort].map(([id, places]) => deliverCohort(parts, { id, places, isReady: ready.get(id) ?? false })),
  )
  await parts.committer.flush()
  const broken = done.find((result) => result.status === 'rejected')
  if (broken !== undefined) throw broken.reason
  return done.every((result) => result.status === 'fulfilled' && result.value) && [...ready.values()].every(Boolean)
}

/** Makes every cohort exist under its name; false for those that do not. */
export async function prepareCohorts(parts: CohortParts): Promise<ReadonlyMap<string, boolean>> {
  const ready = new Map<string, boolean>()
  for (const cohort of cohortsOf(parts.program, parts.nowMs)) {
    if (parts.known.get(cohort.id) === cohort.name) {
      ready.set(cohort.id, true)
      continue
    }
    const sent = await parts.destination.prepareCohort(cohort, parts.sendSignal)
    parts.onSent({ requests: sent.requests, retries: sent.retries, updates: 0 })
    const isReady = sent.outcomes.every(({ status }) => status === 'delivered')
    ready.set(cohort.id, isReady)
    if (!isReady) continue
    parts.known.set(cohort.id, cohort.name)
    parts.committer.setValue(cohortKey(cohort.id), cohort.name)
  }
  return ready
}

function cohortsOf(program: RunProgram, nowMs: number): readonly CohortDefinition[] {
  const cohorts = new Map<string, CohortDefinition>()
  for (const output of program.outputs) {
    if (output === undefined || output.cohort === null) continue
    cohorts.set(output.cohort.cohortId, { id: output.cohort.cohortId, name: output.cohort.name, createdAt: new Date(nowMs).toISOString() })
  }
  return [...cohorts.values()]
}

async function deliverCohort(parts: CohortParts, cohort: { id: string; places: readonly Place[]; isReady: boolean }): Promise<boolean> {
  const { places } = cohort
  if (!cohort.isReady) {
    for (const place of places) settle(parts, place, { status: 'failed', reason: 'its cohort could not be created' })
    return false
  }
  const members = places.map(({ flight, ref }, update): CohortMember => ({
    update,
    ref,
    user: userOfRow(flight.open.rows, flight.row),
    member: flight.update.memberships[ref].member,
  }))
  let isComplete = true
  for (const request of parts.destination.packCohort(cohort.id, members)) {
    const outcomes = await sendCohort(parts, request, isComplete)
    request.parts.forEach((part, index) => settle(parts, places[part.update], outcomes[index]))
    if (outcomes.some(({ status }) => status === 'failed' || status === 'unknown')) isComplete = false
    parts.committer.soon()
  }
  return isComplete
}

/** After a failure the cohort's later requests stay pending, so that their order holds. */
async function sendCohort(parts: CohortParts, request: PackedRequest, isComplete: boolean): Promise<readonly Outcome[]> {
  if (!isComplete || parts.signal.aborted) return request.parts.map(() => ({ status: 'failed', reason: 'not sent' }))
  const sent = await parts.destination.send(request, parts.sendSignal)
  parts.onSent({ requests: sent.requests, retries: sent.retries, updates: request.parts.length })
  return sent.outcomes
}

function settle(parts: CohortParts, { flight, ref }: Place, outcome: Outcome): void {
  parts.outcomes.membership(flight, ref, outcome)
  if (--flight.unanswered === 0 && !flight.failed) parts.outcomes.finishRow(flight.open, flight.row)
}
