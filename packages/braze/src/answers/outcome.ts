import { itemAt } from '@engage-sync/contract'
import type { Outcome, RequestPart } from '@engage-sync/contract'
import { readBody, saysSuccess } from './answer-body.ts'
import type { AnswerBody, ItemError } from './answer-body.ts'
import { rejectedPart, rejectionOf } from './reasons.ts'
import type { Refusal } from './reasons.ts'

type Rejected = Extract<Outcome, { status: 'rejected' }>

const DELIVERED: Outcome = { status: 'delivered' }

/**
 * Reads the answer to a `/users/track` request: one outcome per part, in order; null where the
 * answer leaves it open.
 *
 * Shape: status (2xx or 400) and parsed body in, a 2xx one that is not foreign. 2xx: everything is
 * delivered but what `errors` names, where it says success; else the rest is open. 400: nothing was
 * applied; what `errors` names is refused, the rest is open, as it is when the request held too
 * many objects. No part gets another's reason.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_track/
 */
export function readTrackAnswer(
  parts: readonly RequestPart[],
  answer: { readonly status: number; readonly body: unknown },
): readonly (Outcome | null)[] {
  const body = readBody(answer.body)
  const isSuccess = answer.status < 300
  if (isSuccess && saysSuccess(body) && body.errors.length === 0) return parts.map(() => DELIVERED)
  if (body.errors.length === 0) {
    return parts.map(({ kind }) => (parts.length === 1 ? rejectedPart(kind, body.message) : null))
  }
  const arrays = [new SentArray('attributes', parts), new SentArray('events', parts)].filter(
    ({ indexes }) => indexes.length > 0,
  )
  const outcomes: (Outcome | null)[] = parts.map(() => null)
  const placed = placeErrors(parts, { body, arrays, isSuccess })
  for (const [index, outcome] of placed.outcomes) outcomes[index] = outcome
  if (!isSuccess || !saysSuccess(body)) return outcomes
  for (const array of arrays) {
    const isOpen = placed.unplaced > 0 && !array.isAllProcessed(body)
    if (isOpen) continue
    for (const index of array.indexes) outcomes[index] ??= DELIVERED
  }
  return outcomes
}

/**
 * How many objects a success leaves out of its counts without refusing any: Braze took the request
 * by its word, and less of it than was sent. 0 where it does not count.
 */
export function uncountedOf(
  parts: readonly RequestPart[],
  answer: { readonly status: number; readonly body: unknown },
): number {
  const body = readBody(answer.body)
  if (answer.status >= 300 || body.errors.length > 0) return 0
  let events = 0
  for (const { kind } of parts) if (kind === 'event') events++
  const leftOut = (name: 'attributes' | 'events', sent: number) =>
    Math.max(0, sent - (body.processed(name) ?? Infinity))
  return leftOut('attributes', parts.length - events) + leftOut('events', events)
}

/** One array of the request, with where its objects stand among the parts. */
class SentArray {
  readonly name: 'attributes' | 'events'
  readonly indexes: readonly number[]

  constructor(name: 'attributes' | 'events', parts: readonly RequestPart[]) {
    const kind = name === 'events' ? 'event' : 'attributes'
    this.name = name
    this.indexes = parts.flatMap((part, index) => (part.kind === kind ? [index] : []))
  }

  isAllProcessed({ processed }: AnswerBody): boolean {
    return processed(this.name) === this.indexes.length
  }
}

interface AnswerContext {
  readonly body: AnswerBody
  readonly arrays: readonly SentArray[]
  readonly isSuccess: boolean
}

function placeErrors(
  parts: readonly RequestPart[],
  context: AnswerContext,
): { outcomes: ReadonlyMap<number, Rejected>; unplaced: number } {
  const outcomes = new Map<number, Rejected>()
  let unplaced = 0
  for (const error of context.body.errors) {
    const index = partOf(error, context)
    if (index === null) {
      unplaced++
      continue
    }
    const known = outcomes.get(index)
    const found = rejectedPart(itemAt(parts, index).kind, error.text)
    // A reason that concerns the whole object says more than one that names a field of it.
    if (known === undefined || (known.field !== undefined && found.field === undefined))
      outcomes.set(index, found)
  }
  const [only, ...others] = parts
  const [first] = context.body.errors
  if (only !== undefined && others.length === 0 && first !== undefined && unplaced > 0)
    outcomes.set(0, outcomes.get(0) ?? rejectedPart(only.kind, first.text))
  return { outcomes, unplaced }
}

/**
 * The part an error names, or null. An array that is not named is the only one it can be, or none.
 */
function partOf(
  { array: name, index }: ItemError,
  { body, arrays, isSuccess }: AnswerContext,
): number | null {
  if (index === null) return null
  const [named, ...others] = arrays.filter(
    (array) =>
      (name === null ? !(isSuccess && array.isAllProcessed(body)) : array.name === name) &&
      index < array.indexes.length,
  )
  return named === undefined || others.length > 0 ? null : itemAt(named.indexes, index)
}

/** The rejection of a 400 that concerns everything in a request. */
export function rejectionOfBody(body: unknown): Refusal {
  const { message, errors } = readBody(body)
  return rejectionOf(errors[0]?.text ?? message)
}
