/*
 * How long it takes until the users of a worker that is frozen, or killed, are served by others, and those of one that
 * joins by it, with so many rows in PostgreSQL.
 *
 * `node --conditions=engage-sync-source packages/runner/bench/takeover.bench.ts [rows] [workers]`
 */
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPostgresLog } from '@engage-sync/segment'
import { startPostgres } from '@engage-sync/testkit'
import { eventOf, makeServed, postEvents, startServing } from './serving.ts'
import type { ServingChild } from './serving.ts'

const [rows = 1_000_000, workers = 3] = process.argv.slice(2).map(Number)
const APPENDED = 10_000
/** Some of each partition. */
const WATCHED = Array.from({ length: 300 }, (_, number) => `watched ${number}`)

/** Takes everything; remembers of the watched what they were given last. */
const held = new Map<string, number>()
const braze = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const text = Buffer.concat(parts).toString()
    for (const [, user = '', ltv] of text.matchAll(/"external_id":"(watched \d+)","ltv":(\d+)/g))
      held.set(user, Number(ltv))
    response.writeHead(201, { 'content-type': 'application/json' }).end('{"message":"success"}')
  })
})
await new Promise<void>((resolve) => braze.listen(0, '127.0.0.1', resolve))
const { port } = braze.address() as AddressInfo

const database = await startPostgres()
const root = makeServed(`http://127.0.0.1:${port}`)
const start = (role: string) => startServing(root, database.url, ['--role', role])
const front = await start('front')
const log = createPostgresLog({
  url: database.url,
  schema: 'engage_sync_log',
  source: 'engage',
  retentionMs: Infinity,
})
for (let from = 0; from < rows; from += APPENDED) {
  const lines = Array.from({ length: Math.min(APPENDED, rows - from) }, (_, at) =>
    JSON.stringify(eventOf(`user ${from + at}`, 1)),
  )
  await log.append(Buffer.from(`${lines.join('\n')}\n`))
}
await log.close()
const first = await start('worker')
await first.until('engage_sync_owned_partitions', (own) => own === 64)
await served(1)

const fleet: ServingChild[] = [first]
const say = (what: string, ms: number) => console.log(`${what}: ${(ms / 1000).toFixed(1)} s`)
let value = 1

/** Posts a value of each of the watched, and waits until all are in Braze; milliseconds. */
async function served(next: number): Promise<number> {
  const began = performance.now()
  await postEvents(
    front.url,
    WATCHED.map((user) => eventOf(user, next)),
  )
  while (WATCHED.some((user) => held.get(user) !== next))
    await new Promise((resolve) => setTimeout(resolve, 20))
  return performance.now() - began
}

say(`${rows} rows; nothing happens`, await served(++value))
while (fleet.length < workers) {
  const joining = await start('worker')
  const began = performance.now()
  fleet.push(joining)
  const share = Math.floor(64 / fleet.length)
  await joining.until('engage_sync_owned_partitions', (own) => own >= share)
  await served(++value)
  say(`worker ${fleet.length} runs, has its share, and all are served`, performance.now() - began)
}
const [, second, third] = fleet
second?.child.kill('SIGSTOP')
say('one is frozen, and all are served', await served(++value))
second?.child.kill('SIGCONT')
await second?.until('engage_sync_owned_partitions', (own) => own >= Math.floor(64 / workers))
say('it wakes, has its share again, and all are served', await served(++value))
third?.child.kill('SIGKILL')
say('one is killed on the same machine, and all are served', await served(++value))

for (const { child } of [front, ...fleet]) child.kill('SIGKILL')
braze.close()
await database.stop()
rmSync(root, { recursive: true, force: true })
process.exit()
