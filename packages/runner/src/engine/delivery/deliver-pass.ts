import { killPoint } from '../../process/kill-points.ts'
import type { AliasMerges } from '../aliases/index.ts'
import { deliverMemberships } from './cohorts.ts'
import type { CohortDelivery } from './cohorts.ts'
import { deliverMerges } from './deliver-merges.ts'
import type { OnRefusedPair } from './deliver-merges.ts'
import { Delivery } from './deliver-updates.ts'
import type { DeliveryInputs, RowAt } from './delivery-inputs.ts'
import type { OpenRequest } from './open-request.ts'
import type { Rounds } from './rounds.ts'

/** What delivers the rows of one pass. */
export interface PassInputs extends CohortDelivery, Omit<DeliveryInputs, 'only' | 'held'> {
  readonly rounds: Rounds
  readonly onRefusedPair: OnRefusedPair
  /** Told of a pause between two requests that depend on each other, milliseconds. */
  readonly onSettling: (ms: number) => void
}

/** How the rows of a pass were delivered. */
export interface PassResult {
  /** What ended it early, or null. */
  readonly failure: unknown
  /** Everything was delivered or refused, and every cohort is there. */
  readonly isComplete: boolean
  /** Rows of which some part was neither delivered nor refused. */
  readonly unfinished: readonly RowAt[]
}

/** One try at the rows of a pass. */
interface Tried extends PassResult {
  /** Aliases that are not joined. */
  readonly merges: AliasMerges
  /** Requests that may have been applied or not. */
  readonly open: readonly OpenRequest[]
  /** Something may have been applied or not. */
  readonly isUnknown: boolean
}

/**
 * Delivers the rows of one pass: aliases joined first, then attributes and events, memberships
 * last. As long as some request has no answer, it is decided and what is left goes once more.
 */
export async function deliverPass(inputs: PassInputs, merges: AliasMerges): Promise<PassResult> {
  let tried = await tryRows(inputs, { merges, only: null })
  for (let number = 1; tried.isUnknown && tried.failure === null; number++) {
    const round = await inputs.rounds.next(number, tried.open)
    if (round === null) break
    const isLeft = ({ open, row }: RowAt) => round.rows.has(`${open.rows.number}:${row}`)
    const left = tried.unfinished.filter(isLeft)
    const again = await tryRows(inputs, {
      merges: tried.merges,
      only: tried.unfinished.filter((place) => !isLeft(place)),
    })
    tried = {
      ...again,
      isComplete: again.isComplete && left.length === 0,
      unfinished: [...left, ...again.unfinished],
      open: [...round.open, ...again.open],
    }
  }
  return tried
}

interface Try {
  readonly merges: AliasMerges
  /** Null: all that have something pending. */
  readonly only: readonly RowAt[] | null
}

async function tryRows(inputs: PassInputs, { merges, only }: Try): Promise<Tried> {
  const { sending, onRefusedPair } = inputs
  if (merges.pairs.some(({ handover }) => handover !== undefined)) killPoint('in-handover')
  const merged = await deliverMerges(inputs, merges, onRefusedPair)
  if (merged.joined > 0) await settle(inputs)
  const result = await new Delivery({ ...inputs, only, held: merged.held }).run()
  const held = merges.pairs.flatMap(({ user }) => (merged.held.has(keyOf(user)) ? [user] : []))
  const tried = {
    failure: result.failure,
    isComplete: false,
    merges: {
      ...merges,
      promotions: merges.promotions.filter(({ user }) => merged.held.has(keyOf(user))),
    },
    open: result.open,
    isUnknown: result.isUnknown || merged.unknown > 0,
  }
  if (result.failure !== null || sending.signal.aborted) return { ...tried, unfinished: [] }
  if (!result.created.isEmpty && result.memberships.length > 0 && sending.destination.settleMs > 0)
    await settle(inputs)
  if (sending.signal.aborted) return { ...tried, unfinished: [] }
  killPoint('before-cohorts')
  const joined = await deliverMemberships(inputs, result.memberships)
  const unfinished = unique([...result.unfinished, ...joined.unfinished, ...held])
  const isComplete = joined.isComplete && unfinished.length === 0 && merged.isComplete
  return { ...tried, isComplete, unfinished }
}

async function settle({ sending, onSettling }: PassInputs): Promise<void> {
  const { settleMs } = sending.destination
  onSettling(settleMs)
  await sending.wait(settleMs, sending.signal)
}

function unique(rows: readonly RowAt[]): readonly RowAt[] {
  return [...new Map(rows.map((place) => [keyOf(place), place])).values()]
}

function keyOf({ open, row }: RowAt): string {
  return `${open.rows.number}:${row}`
}
