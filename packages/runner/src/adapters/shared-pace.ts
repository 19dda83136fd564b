import { randomUUID } from 'node:crypto'
import type { RateBook, SharedPace } from '@engage-sync/braze'
import { killPoint } from '../process/kill-points.ts'
import { PostgresRates } from '../state/postgres/rates.ts'

/** A process among others that send to the same Braze, and how they share its limits. */
export interface RateSharing {
  readonly rates: Pick<PostgresRates, 'change'>
  /** Its own name, of this one life. */
  readonly worker: string
  /** From then on it asks for nothing more. */
  readonly signal: AbortSignal
}

/** Sharing as one more process of a state, under a name of its own. @param url - of the state, in PostgreSQL */
export function openSharing(url: string): RateSharing & { close(): Promise<void> } {
  const rates = new PostgresRates(url)
  const stop = new AbortController()
  const close = async () => {
    stop.abort()
    await rates.close()
  }
  return { rates, worker: randomUUID(), signal: stop.signal, close }
}

/** One rate for all workers of a state. @param requestsPerSecond - of all of them together; null for what Braze takes */
export async function sharedPace(
  { rates, worker, signal }: RateSharing,
  requestsPerSecond: number | null,
): Promise<SharedPace> {
  const { createSharedPace } = await import('@engage-sync/braze')
  return createSharedPace({
    requestsPerSecond,
    member: {
      worker,
      signal,
      ledger: {
        change: async (limit, work) => {
          const given = await rates.change(limit, (before, nowMs) => {
            const known = before === null ? {} : (JSON.parse(before) as RateBook)
            const { book, result } = work(known, nowMs)
            return { book: JSON.stringify(book), result }
          })
          killPoint('in-rate-block')
          return given
        },
      },
    },
  })
}
