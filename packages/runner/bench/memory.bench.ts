/*
 * Memory of a server over many posts: what is left on the heap after each so many of them, in this very process,
 * beside a Braze that keeps nothing.
 *
 * `npm run bench:memory [-- --posts 60000] [--users 5000] [--each 10000] [--json]`
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { main } from '../src/main.ts'
import { startSink } from './sink.ts'

const { values: flags } = parseArgs({
  options: {
    posts: { type: 'string', default: '60000' },
    users: { type: 'string', default: '5000' },
    each: { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
  },
})
const [posts, users, each] = [flags.posts, flags.users, flags.each].map(Number)
const CONNECTIONS = 32
/** After the last post of some, until its window is over, milliseconds. */
const REST_MS = 3000

const PROJECT = (braze: string) => `version: 1
environments:
  local:
    braze: { endpoint: '${braze}', api_key: '\${KEY}', settle: 0ms }
    sources: { engage: { webhook: { unsigned: true } } }
`
const SYNC = `version: 1
source: engage
backfill: true
identity: { external_id: userId }
traits: { lifetime_value: { attribute: ltv, type: number, event: Computed } }
segments: { rich: { when: { trait: lifetime_value, more_than: 5 }, attribute: rich } }
`

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
let serial = 0

function body(number: number): string {
  return JSON.stringify({
    type: 'identify',
    messageId: `m-${number}`,
    userId: `user-${number % users}`,
    timestamp: new Date().toISOString(),
    traits: { lifetime_value: number },
    context: {
      personas: {
        computation_class: 'trait',
        computation_key: 'lifetime_value',
        computation_id: 'gf_1',
        namespace: 'spa_1',
      },
    },
  })
}

/** Posts one event; whether it was acknowledged. */
function post(url: string): Promise<boolean> {
  const headers = { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/segment`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume()
      answer.once('end', () => resolve(answer.statusCode === 200))
    })
    sent.once('error', reject)
    sent.end(body(serial++))
  })
}

async function postUntil(url: string, total: number): Promise<void> {
  const one = async () => {
    while (serial < total) if (!(await post(url))) await pause(50)
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, one))
}

function measure() {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  const mb = (bytes: number) => Number((bytes / 2 ** 20).toFixed(1))
  return { heap_mb: mb(heapUsed), buffers_mb: mb(arrayBuffers), rss_mb: mb(rss) }
}

const sink = await startSink({ answerDelayMs: 5 })
const cwd = mkdtempSync(join(tmpdir(), 'engage-sync-memory-'))
mkdirSync(join(cwd, 'configs'))
writeFileSync(join(cwd, 'configs/engage-sync.yaml'), PROJECT(sink.url))
writeFileSync(join(cwd, 'configs/shop.yaml'), SYNC)
const stop = new AbortController()
const said = Promise.withResolvers<string>()
const output = (write: (text: string) => void) => ({ write, isTTY: false, columns: 100 })
const ended = main(['serve', '--listen', '127.0.0.1:0', '--format', 'json'], {
  stdout: output(said.resolve),
  stderr: output(() => undefined),
  stdin: (async function* () {})(),
  env: { KEY: 'simulator' },
  cwd,
  now: Date.now,
  signal: stop.signal,
})
try {
  const { url } = JSON.parse(await said.promise) as { url: string }
  for (let total = each; total <= posts; total += each) {
    await postUntil(url, total)
    await pause(REST_MS)
    const found = { posts: total, ...measure() }
    process.stdout.write(
      flags.json
        ? `${JSON.stringify(found)}\n`
        : `${total} posts: ${found.heap_mb} MB of heap, ${found.buffers_mb} MB of buffers, ${found.rss_mb} MB in all\n`,
    )
  }
} finally {
  stop.abort()
  await ended
  agent.destroy()
  await sink.stop()
  rmSync(cwd, { recursive: true, force: true })
}
