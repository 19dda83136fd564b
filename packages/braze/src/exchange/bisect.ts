import { SyncError, itemAt } from '@engage-sync/contract'
import type { Outcome } from '@engage-sync/contract'
import { BrazeAnswerError, BrazeError } from '../errors.ts'

/**
 * Sends some items in one request: an outcome each, in order, null where the answer leaves it open.
 * A single item is never left open.
 */
export type Ask<Item> = (items: readonly Item[]) => Promise<readonly (Outcome | null)[]>

/** How items are sent. */
export interface Sending<Item> {
  readonly ask: Ask<Item>
  /** False where an item that may have been applied is `unknown`, not `failed`. */
  readonly repeatable: boolean
}

/**
 * Sends lists one after another, and what an answer leaves open again, until every item has an outcome of its own.
 *
 * Shape: one outcome per item, in the order of the lists. Open items travel without the others; where all of several
 * are open, in halves, the first before the second, so that a user's order holds. Once something was answered, an
 * error that ends the rest becomes their outcome, so that no answer is lost.
 *
 * @throws what `ask` throws, before anything was answered
 */
export async function bisect<Item>(
  lists: readonly (readonly Item[])[],
  sending: Sending<Item>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const list of lists) {
    outcomes.push(
      ...(await (outcomes.length > 0 ? sendRest(list, sending) : sendList(list, sending))),
    )
  }
  return outcomes
}

async function sendList<Item>(
  items: readonly Item[],
  sending: Sending<Item>,
): Promise<readonly Outcome[]> {
  const outcomes = await sending.ask(items)
  const open = items.filter((_, index) => outcomes[index] === null)
  if (open.length === 0) return outcomes as readonly Outcome[]
  if (open.length === items.length) return bisect(halvesOf(items), sending)
  const answers = await sendRest(open, sending)
  let next = 0
  return outcomes.map((outcome) => outcome ?? itemAt(answers, next++))
}

async function sendRest<Item>(
  items: readonly Item[],
  sending: Sending<Item>,
): Promise<readonly Outcome[]> {
  try {
    return await sendList(items, sending)
  } catch (error) {
    const isOpen = !sending.repeatable && error instanceof BrazeAnswerError && error.mayBeApplied
    const status = isOpen ? 'unknown' : 'failed'
    if (!(error instanceof SyncError)) return items.map(() => ({ status, reason: 'stopped' }))
    return items.map(() => ({ status, reason: error.message, error }))
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

  /** Adds what a call made, however it ends. */
  async count<Result extends { readonly tries: number }>(call: Promise<Result>): Promise<Result> {
    try {
      const result = await call
      this.add(result)
      return result
    } catch (error) {
      if (error instanceof BrazeError && error.requests > 0) this.add({ tries: error.requests })
      throw error
    }
  }

  /** What `work` gives; what it throws says how many requests were made in all. */
  async telling<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work
    } catch (error) {
      if (error instanceof BrazeError) error.requests = this.requests
      throw error
    }
  }

  /** The outcomes of what was counted. */
  sent(outcomes: readonly Outcome[]) {
    return { outcomes, requests: this.requests, retries: this.retries }
  }
}
