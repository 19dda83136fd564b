/*
 * One rate for several processes: how much of Braze's limit they reach together, and whether any request was over it.
 *
 * `node --conditions=engage-sync-source packages/runner/bench/rates.bench.ts [processes] [requests a second] [seconds]`
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSimulator } from '@engage-sync/braze-simulator'
import { startPostgres } from '@engage-sync/testkit'
import { openPostgres } from '../src/state/postgres/open-postgres.ts'

const [processes = 4, perSecond = 300, seconds = 20] = process.argv.slice(2).map(Number)
const WORKER = join(import.meta.dirname, '../test/adapters/rate-worker.ts')
/** Starting takes its time, and is not what is measured. */
const WARM_MS = 5000

const server = await startPostgres()
const access = { environment: 'local', workspace: 'w', create: true } as const
await (await openPostgres({ url: server.url, ...access })).close()
const simulator = await startSimulator({
  settings: { trackLimit: perSecond, trackWindowMs: 1000 },
})

async function counts(): Promise<Readonly<Record<string, number>>> {
  const answer = await fetch(`${simulator.url}/simulator/requests`)
  return ((await answer.json()) as { counts: Record<string, number> }).counts
}

const flags = ['--conditions=engage-sync-source', '--no-warnings', WORKER]
const children = Array.from({ length: processes }, (_, number) =>
  spawn(
    process.execPath,
    [...flags, server.url, simulator.url, `w${number}`, String(3600), String(perSecond)],
    { stdio: 'ignore' },
  ),
)
await sleep(WARM_MS)
const before = await counts()
const began = performance.now()
await sleep(seconds * 1000)
const after = await counts()
const took = (performance.now() - began) / 1000
for (const child of children) child.kill('SIGKILL')

const taken = (after['/users/track 201'] ?? 0) - (before['/users/track 201'] ?? 0)
const refused = after['/users/track 429'] ?? 0
const reached = taken / took / perSecond
console.log(
  `${processes} processes, limit ${perSecond}/s: ${(taken / took).toFixed(1)}/s, ${reached.toFixed(3)} of the limit, ${refused} over it`,
)
await simulator.close()
await server.stop()
process.exit()
