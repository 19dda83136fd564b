/*
 * Braze was down, and what came meanwhile waits: how much of a configured rate workers reach together while they catch
 * up, and whether any request was over it.
 *
 * `node --conditions=engage-sync-source packages/runner/bench/catch-up.bench.ts [workers] [requests a second] [seconds]`
 */
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSimulator } from '@engage-sync/braze-simulator'
import { startPostgres } from '@engage-sync/testkit'
import { eventOf, makeServed, postEvents, startServing } from './serving.ts'

const [workers = 3, perSecond = 40, seconds = 30] = process.argv.slice(2).map(Number)
/** Users of one request. */
const FULL = 75
const requests = perSecond * seconds

const database = await startPostgres()
const braze = await startSimulator({
  settings: { trackLimit: perSecond, trackWindowMs: 1000, answerDelayMs: 20, applyDelayMs: 0 },
})
const root = makeServed(braze.url, [`requests_per_second: ${perSecond}`])

async function counts(): Promise<Readonly<Record<string, number>>> {
  const answer = await fetch(`${braze.url}/simulator/requests`)
  return ((await answer.json()) as { counts: Record<string, number> }).counts
}

const start = (role: string) => startServing(root, database.url, ['--role', role])
const front = await start(workers === 1 ? 'all' : 'front')
const all = [front]
if (workers > 1) for (let worker = 0; worker < workers; worker++) all.push(await start('worker'))
for (const { until } of workers === 1 ? [] : all.slice(1))
  await until('engage_sync_owned_partitions', (own) => own <= Math.ceil(64 / workers) && own > 0)
await fetch(`${braze.url}/simulator/faults`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ kind: 'status', status: 503, path: '/users/track' }),
})
const users = Array.from({ length: requests * FULL }, (_, user) => eventOf(`user ${user}`, user))
await postEvents(front.url, users)
await fetch(`${braze.url}/simulator/faults`, { method: 'DELETE' })

const seen: { readonly at: number; readonly taken: number }[] = []
for (let taken = 0; taken < requests;) {
  taken = (await counts())['/users/track 201'] ?? 0
  seen.push({ at: performance.now(), taken })
  await sleep(100)
}
const from = seen.find(({ taken }) => taken > requests * 0.1)
const to = seen.find(({ taken }) => taken > requests * 0.9)
const rate = (((to?.taken ?? 0) - (from?.taken ?? 0)) / ((to?.at ?? 0) - (from?.at ?? 0))) * 1000
const over = (await counts())['/users/track 429'] ?? 0
console.log(
  `${workers} workers, ${perSecond} a second: ${(rate / perSecond).toFixed(3)} of that, ${over} over it`,
)
for (const { child } of all) child.kill('SIGKILL')
await braze.close()
await database.stop()
rmSync(root, { recursive: true, force: true })
process.exit()
