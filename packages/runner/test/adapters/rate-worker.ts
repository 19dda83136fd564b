import { createBrazeClient } from '@engage-sync/braze'
import { sharedPace } from '../../src/adapters/shared-pace.ts'
import { PostgresRates } from '../../src/state/postgres/rates.ts'

/** Requests a process has on their way at once. */
const WAYS = 24

// One process among others that sends as much as it may, for so long, and prints how many were taken.
const [url = '', endpoint = '', worker = '', seconds = '', perSecond = ''] = process.argv.slice(2)
const rates = new PostgresRates(url)
const stop = new AbortController()
const pace = await sharedPace({ rates, worker, signal: stop.signal }, Number(perSecond))
const braze = createBrazeClient({ endpoint, apiKey: 'simulator', pace, thread: false })
let taken = 0
const end = performance.now() + Number(seconds) * 1000

async function send(way: number): Promise<void> {
  while (performance.now() < end) {
    await braze.track({ attributes: [{ external_id: `${worker}_${way}`, n: taken }] })
    taken++
  }
}

await Promise.all(Array.from({ length: WAYS }, (_, way) => send(way)))
stop.abort()
await braze.close()
await rates.close()
process.stdout.write(`${taken}\n`)
