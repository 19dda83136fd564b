/*
 * One rate for several processes: how much of Braze's limit, 3,000 requests in any 3 seconds, they reach together, and
 * whether any request was over it.
 *
 * `node --conditions=engage-sync-source packages/runner/bench/rates.bench.ts [processes] [slowed] [windows] [answer ms]`
 *
 * All clocks go `slowed` times slower, Braze's, too, so that what the machine can do is no limit: 10 asks for 100
 * requests in a second.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSimulator } from '@engage-sync/braze-simulator'
import { startPostgres } from '@engage-sync/testkit'
import { openPostgres } from '../src/state/postgres/open-postgres.ts'

const [processes = 3, slowed = 10, windows = 3, answerMs = 50] = process.argv.slice(2).map(Number)
const WORKER = join(import.meta.dirname, 'rates-worker.ts')
const LIMIT = 3000
const WINDOW_MS = 3000 * slowed
/** Starting, and dividing the limit, take their time, and are not what is measured. */
const WARM_WINDOWS = 2

const server = await startPostgres()
const access = { environment: 'local', workspace: 'w', create: true } as const
await (await openPostgres({ url: server.url, ...access })).close()
const simulator = await startSimulator({
  settings: { trackLimit: LIMIT, trackWindowMs: WINDOW_MS, answerDelayMs: answerMs * slowed },
  // They name seconds of real clocks.
  rules: { rateHeaders: slowed === 1 },
})

async function counts(): Promise<Readonly<Record<string, number>>> {
  const answer = await fetch(`${simulator.url}/simulator/requests`)
  return ((await answer.json()) as { counts: Record<string, number> }).counts
}

/** Until a window of Braze's begins. */
async function untilWindow(): Promise<void> {
  await sleep(WINDOW_MS - (Date.now() % WINDOW_MS))
}

const flags = ['--conditions=engage-sync-source', '--no-warnings', WORKER]
const children = Array.from({ length: processes }, (_, number) =>
  spawn(process.execPath, [...flags, server.url, simulator.url, `w${number}`, String(slowed)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  }),
)
for (let window = 0; window < WARM_WINDOWS; window++) await untilWindow()
const reached: number[] = []
let before = await counts()
for (let window = 0; window < windows; window++) {
  await untilWindow()
  const after = await counts()
  reached.push(((after['/users/track 201'] ?? 0) - (before['/users/track 201'] ?? 0)) / LIMIT)
  before = after
}
for (const child of children) child.kill('SIGKILL')

const mean = reached.reduce((sum, one) => sum + one, 0) / windows
const each = reached.map((one) => one.toFixed(3)).join(', ')
console.log(
  `${processes} processes, ${LIMIT / 3 / slowed} a second: ${mean.toFixed(3)} of the limit (windows: ${each}), ${before['/users/track 429'] ?? 0} over it`,
)
await simulator.close()
await server.stop()
process.exit()
