/*
 * One process among others that sends as much as it may, by clocks that go so many times slower than real ones: as on
 * a machine that is so many times faster.
 */
import { createBrazeClient, createSharedPace } from '@engage-sync/braze'
import type { RateBook } from '@engage-sync/braze'
import { PostgresRates } from '../src/state/postgres/rates.ts'

/** Requests a process has on their way at once. */
const WAYS = 100

const [url = '', endpoint = '', worker = '', slowed = ''] = process.argv.slice(2)
const times = Number(slowed)
const rates = new PostgresRates(url)
const clock = {
  now: () => performance.now() / times,
  wallTime: () => Date.now() / times,
  schedule: (ms: number, callback: () => void) => {
    const timer = setTimeout(callback, ms * times)
    return () => clearTimeout(timer)
  },
}
const pace = createSharedPace({
  clock,
  member: {
    worker,
    signal: new AbortController().signal,
    ledger: {
      change: (limit, work) =>
        rates.change(limit, (before, nowMs) => {
          const known = before === null ? {} : (JSON.parse(before) as RateBook)
          const { book, result } = work(known, nowMs / times)
          return { book: JSON.stringify(book), result }
        }),
    },
  },
})
const braze = createBrazeClient({ endpoint, apiKey: 'simulator', pace })

async function send(way: number): Promise<never> {
  for (let n = 0; ; n++)
    await braze.track({ attributes: [{ external_id: `${worker}_${way}`, n }] }).catch(() => null)
}

await Promise.all(Array.from({ length: WAYS }, (_, way) => send(way)))
