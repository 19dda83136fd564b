import type { Outcome, Sent } from '@engage-sync/contract'
import { isForeign, readBody, rejectionOf } from '../answers/index.ts'
import type { AnswerBody } from '../answers/index.ts'
import { NoSuccessError } from '../errors.ts'
import { bisect, exchange, Tally } from '../exchange/index.ts'
import type { Exchange, Exchanger } from '../exchange/index.ts'
import { LIMITS } from '../limits.ts'

/** A call whose body is one list: identify, merge, delete, aliases. */
export interface ListCall<Item> {
  readonly path: string
  /** The body that holds some items. */
  readonly bodyOf: (items: readonly Item[]) => unknown
  /** False where an unknown outcome must be told, not tried again. */
  readonly repeatable: boolean
}

/**
 * Sends lists one after another; one outcome per item, in order of the lists.
 *
 * A 400 changes nothing at Braze, so a refused list is halved until each refused item has a reason of its own. Once a
 * list was answered, an error that ends the rest becomes their outcome.
 */
export async function sendLists<Item>(
  shared: Exchanger,
  call: ListCall<Item>,
  { lists, signal }: { readonly lists: readonly (readonly Item[])[]; readonly signal: AbortSignal },
): Promise<Sent> {
  const { path, repeatable } = call
  const tally = new Tally()
  const ask = async (items: readonly Item[]): Promise<readonly (Outcome | null)[]> => {
    const body = Buffer.from(JSON.stringify(call.bodyOf(items)))
    const result = await tally.count(
      exchange(shared, { method: 'POST', path, body, group: 'users', repeatable, signal }),
    )
    if (result.kind === 'answer' && isForeign(result) && !isDeletion(result.body))
      throw new NoSuccessError(path, result)
    if (result.kind !== 'unknown') return readListAnswer(items.length, result)
    return items.map(() => ({ status: repeatable ? 'failed' : 'unknown', reason: result.reason }))
  }
  return tally.sent(await tally.telling(bisect(lists, { ask, repeatable })))
}

/** Cuts items into lists of 50. */
export function inLists<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const lists: Item[][] = []
  for (let from = 0; from < items.length; from += LIMITS.idsPerRequest)
    lists.push(items.slice(from, from + LIMITS.idsPerRequest))
  return lists
}

const DELIVERED: Outcome = { status: 'delivered' }
const UNNAMED: Outcome = {
  status: 'unknown',
  reason: 'Braze refused some items without saying which',
}

const TOO_LARGE: Outcome = {
  status: 'rejected',
  rejection: { code: 'BRAZE_TOO_LARGE', message: 'Braze found the request too large (HTTP 413)' },
}

/** One outcome per item; null for all when nothing was applied and the list must be cut. */
export function readListAnswer(
  count: number,
  result: Exclude<Exchange, { kind: 'unknown' }>,
): readonly (Outcome | null)[] {
  const all = (outcome: Outcome | null) => Array.from({ length: count }, () => outcome)
  if (result.kind === 'split') return all(count > 1 ? null : TOO_LARGE)
  const body = readBody(result.body)
  if (result.status >= 300)
    return all(
      count > 1
        ? null
        : { status: 'rejected', rejection: rejectionOf(body.errors[0]?.text ?? body.message) },
    )
  if (body.errors.length > 0) return named(count, body)
  return all(DELIVERED)
}

/** `{"deleted":3}` is all that is documented of a deletion's answer. */
function isDeletion(body: unknown): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    typeof (body as { deleted?: unknown }).deleted === 'number'
  )
}

function named(count: number, { errors }: AnswerBody): readonly Outcome[] {
  const placed = new Map(
    errors.flatMap(({ index, text }) =>
      index !== null && index < count ? [[index, text] as const] : [],
    ),
  )
  const isComplete = errors.every(({ index }) => index !== null && index < count)
  const [first] = errors
  if (first !== undefined && !isComplete && count === 1)
    return [{ status: 'rejected', rejection: rejectionOf(first.text) }]
  return Array.from({ length: count }, (_, index): Outcome => {
    const text = placed.get(index)
    if (text !== undefined) return { status: 'rejected', rejection: rejectionOf(text) }
    return isComplete ? DELIVERED : UNNAMED
  })
}
