/**
 * CPU of the main thread per request: got on it, Node's own client on it, and that on a thread of
 * its own.
 *
 * Prints one JSON object a line. Run: `node --conditions=engage-sync-source bench/transports.ts
 * [requests] [bytes] [--tls]`. They take turns, so that a busy machine slows all.
 */
import { fork, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LOCAL_TLS } from '@engage-sync/testkit'
import { createGotTransport } from '../src/transport/got-transport.ts'
import { createHttpTransport } from '../src/transport/http-transport.ts'
import { createThreadTransport } from '../src/transport/thread-transport.ts'
import type { Transport } from '../src/transport/transport.ts'

const isTls = process.argv.includes('--tls')
if (isTls && process.env['NODE_EXTRA_CA_CERTS'] === undefined) process.exit(againTrusting())
const [requests = 2000, bytes = 20_000] = process.argv
  .slice(2)
  .filter((each) => each !== '--tls')
  .map(Number)
const CONCURRENCY = 50
const ROUNDS = 5
const body = Buffer.alloc(bytes, 'x')

async function send(transport: Transport, url: string): Promise<void> {
  let left = requests
  const lane = async () => {
    while (left-- > 0)
      await transport.send({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json', authorization: 'Bearer key' },
        body,
        timeoutMs: 60_000,
      })
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, lane))
}

async function measure(transport: Transport, url: string) {
  const thread = process.threadCpuUsage()
  const all = process.cpuUsage()
  const start = performance.now()
  await send(transport, url)
  const seconds = (performance.now() - start) / 1000
  const used = process.threadCpuUsage(thread)
  const total = process.cpuUsage(all)
  return {
    mainMicros: (used.user + used.system) / requests,
    processMicros: (total.user + total.system) / requests,
    requestsPerSecond: requests / seconds,
  }
}

const sink = fork(new URL('./sink.ts', import.meta.url), isTls ? ['--tls'] : [])
const port = await new Promise<number>((resolve) =>
  sink.once('message', resolve as (message: unknown) => void),
)
const url = `${isTls ? 'https' : 'http'}://127.0.0.1:${port}/users/track`
const options = { sockets: CONCURRENCY }
const transports = {
  got: createGotTransport(options),
  http: createHttpTransport(options),
  thread: createThreadTransport(options),
}
const NAMES = ['got', 'http', 'thread'] as const
const results: Record<keyof typeof transports, Awaited<ReturnType<typeof measure>>[]> = {
  got: [],
  http: [],
  thread: [],
}
for (const transport of Object.values(transports)) await send(transport, url)
for (let round = 0; round < ROUNDS; round++)
  for (const name of NAMES) results[name].push(await measure(transports[name], url))
for (const name of NAMES) {
  const least = (key: 'mainMicros' | 'processMicros') =>
    Math.round(Math.min(...results[name].map((result) => result[key])))
  const most = Math.round(
    Math.max(...results[name].map(({ requestsPerSecond }) => requestsPerSecond)),
  )
  console.log(
    JSON.stringify({
      transport: name,
      requests,
      bytes,
      main_us: least('mainMicros'),
      process_us: least('processMicros'),
      requests_per_second: most,
    }),
  )
}
for (const transport of Object.values(transports)) await transport.close()
sink.disconnect()

/**
 * Runs this once more, in a process that trusts the sink; threads trust what their process did when
 * it began.
 */
function againTrusting(): number {
  const directory = mkdtempSync(join(tmpdir(), 'transports-'))
  const file = join(directory, 'ca.pem')
  writeFileSync(file, LOCAL_TLS.cert)
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: file }
  const { status } = spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    env,
    stdio: 'inherit',
  })
  rmSync(directory, { recursive: true })
  return status ?? 1
}
