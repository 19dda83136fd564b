import { SyncError } from '@engage-sync/core'
import type { Outcome, Sent } from '@engage-sync/core'
import { readBody, rejectionOf, saysSuccess } from '../answers/index.ts'
import type { AnswerBody } from '../answers/index.ts'
import { exchange } from '../exchange/index.ts'
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

interface Context<Item> {
  readonly shared: Exchanger
  readonly call: ListCall<Item>
  readonly signal: AbortSignal
  readonly tally: { requests: number; retries: number }
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
  const context: Context<Item> = { shared, call, signal, tally: { requests: 0, retries: 0 } }
  const outcomes: Outcome[] = []
  for (const list of lists) outcomes.push(...(outcomes.length === 0 ? await sendList(context, list) : await sendRest(context, list)))
  return { outcomes, ...context.tally }
}

/** Cuts items into lists of 50. */
export function inLists<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const lists: Item[][] = []
  for (let from = 0; from < items.length; from += LIMITS.idsPerRequest) lists.push(items.slice(from, from + LIMITS.idsPerRequest))
  return lists
}

async function sendList<Item>(context: Context<Item>, items: readonly Item[]): Promise<readonly Outcome[]> {
  const { shared, call, signal, tally } = context
  const body = Buffer.from(JSON.stringify(call.bodyOf(items)))
  const result = await exchange(shared, { method: 'POST', path: call.path, body, group: 'users', repeatable: call.repeatable, signal })
  tally.requests += result.tries
  tally.retries += result.tries - 1
  if (result.kind === 'unknown') return items.map(() => ({ status: call.repeatable ? 'failed' : 'unknown', reason: result.reason }))
  const outcomes = readListAnswer(items.length, result)
  if (outcomes !== null) return outcomes
  const half = Math.ceil(items.length / 2)
  const first = await sendList(context, items.slice(0, half))
  return [...first, ...(await sendRest(context, items.slice(half)))]
}

async function sendRest<Item>(context: Context<Item>, items: readonly Item[]): Promise<readonly Outcome[]> {
  try {
    return await sendList(context, items)
  } catch (error) {
    const reason = error instanceof SyncError ? error.message : 'stopped'
    return items.map(() => ({ status: 'failed', reason }))
  }
}

const DELIVERED: Outcome = { status: 'delivered' }
const UNNAMED: Outcome = { status: 'unknown', reason: 'Braze refused some items without saying which' }

/** One outcome per item, or null when nothing was applied and the list must be cut. */
export function readListAnswer(count: number, result: Exclude<Exchange, { kind: 'unknown' }>): readonly Outcome[] | null {
  if (result.kind === 'split')
    return count > 1
      ? null
      : [{ status: 'rejected', rejection: { code: 'BRAZE_TOO_LARGE', message: 'Braze found the request too large (HTTP 413)' } }]
  const body = readBody(result.body)
  if (result.status >= 300) return count > 1 ? null : [{ status: 'rejected', rejection: rejectionOf(body.errors[0]?.text ?? body.message) }]
  const all = (outcome: Outcome) => Array.from({ length: count }, () => outcome)
  if (body.errors.length > 0) return named(count, body)
  const isSuccess = saysSuccess(body) || isDeletion(result.body)
  return all(
    isSuccess
      ? DELIVERED
      : {
          status: 'rejected',
          rejection: { code: 'BRAZE_NO_SUCCESS', message: 'Braze answered HTTP 2xx without saying that it was a success' },
        },
  )
}

/** `{"deleted":3}` is all that is documented of a deletion's answer. */
function isDeletion(body: unknown): boolean {
  return typeof body === 'object' && body !== null && typeof (body as { deleted?: unknown }).deleted === 'number'
}

function named(count: number, { errors }: AnswerBody): readonly Outcome[] {
  const placed = new Map(errors.flatMap(({ index, text }) => (index !== null && index < count ? [[index, text] as const] : [])))
  const isComplete = errors.every(({ index }) => index !== null && index < count)
  if (!isComplete && count === 1) return [{ status: 'rejected', rejection: rejectionOf(errors[0].text) }]
  return Array.from({ length: count }, (_, index): Outcome => {
    const text = placed.get(index)
    if (text !== undefined) return { status: 'rejected', rejection: rejectionOf(text) }
    return isComplete ? DELIVERED : UNNAMED
  })
}
