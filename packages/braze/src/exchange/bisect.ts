import { SyncError } from '@engage-sync/core'
import type { Outcome } from '@engage-sync/core'

/**
 * Sends some items in one request: an outcome each, in order, null where the answer leaves it open.
 * A single item is never left open.
 */
export type Ask<Item> = (items: readonly Item[]) => Promise<readonly (Outcome | null)[]>

/**
 * Sends lists one after another, and what an answer leaves open again, until every item has an outcome of its own.
 *
 * Shape: one outcome per item, in the order of the lists. Open items travel without the others; where all of several
 * are open, in halves, the first before the second, so that a user's order holds. Once something was answered, an
 * error that ends the rest becomes their outcome, so that no answer is lost.
 *
 * @param isAnswered - whether something was answered before; default false
 * @throws what `ask` throws, before anything was answered
 */
export async function bisect<Item>(lists: readonly (readonly Item[])[], ask: Ask<Item>, isAnswered = false): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const list of lists) {
    outcomes.push(...(await (isAnswered ? sendRest(list, ask) : sendList(list, ask))))
    isAnswered = true
  }
  return outcomes
}

async function sendList<Item>(items: readonly Item[], ask: Ask<Item>): Promise<readonly Outcome[]> {
  const outcomes = await ask(items)
  const open = items.filter((_, index) => outcomes[index] === null)
  if (open.length === 0) return outcomes as readonly Outcome[]
  if (open.length === items.length) return bisect(halvesOf(items), ask)
  const answers = await bisect([open], ask, true)
  let next = 0
  return outcomes.map((outcome) => outcome ?? answers[next++])
}

async function sendRest<Item>(items: readonly Item[], ask: Ask<Item>): Promise<readonly Outcome[]> {
  try {
    return await sendList(items, ask)
  } catch (error) {
    const reason = error instanceof SyncError ? error.message : 'stopped'
    return items.map(() => ({ status: 'failed', reason }))
  }
}

function halvesOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length === 1) throw new RangeError('an answer leaves a single item open')
  const half = Math.ceil(items.length / 2)
  return [items.slice(0, half), items.slice(half)]
}

/** Requests made for one thing, and how many of them were retries. */
export class Tally {
  requests = 0
  retries = 0

  /** One call more, with all its tries. */
  add({ tries }: { readonly tries: number }): void {
    this.requests += tries
    this.retries += tries - 1
  }

  /** The outcomes of what was counted. */
  sent(outcomes: readonly Outcome[]) {
    return { outcomes, requests: this.requests, retries: this.retries }
  }
}
