/**
 * CPU of the main thread per request: got on it, Node's own client on it, and that on a thread of its own.
 *
 * Prints one JSON object a line. Run: `node bench/transports.ts [requests] [bytes]`. They take turns, so that a busy
 * machine slows both.
 */
import { fork } from 'node:child_process'
import { createGotTransport } from '../src/transport/got-transport.ts'
import { createHttpTransport } from '../src/transport/http-transport.ts'
import { createThreadTransport } from '../src/transport/thread-transport.ts'
import type { Transport } from '../src/transport/transport.ts'

const [requests = 2000, bytes = 20_000] = process.argv.slice(2).map(Number)
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

const sink = fork(new URL('./sink.ts', import.meta.url), { execArgv: [] })
const port = await new Promise<number>((resolve) => sink.once('message', resolve as (message: unknown) => void))
const url = `http://127.0.0.1:${port}/users/track`
const options = { sockets: CONCURRENCY }
const transports = { got: createGotTransport(options), http: createHttpTransport(options), thread: createThreadTransport(options) }
const NAMES = ['got', 'http', 'thread'] as const
const results: Record<keyof typeof transports, Awaited<ReturnType<typeof measure>>[]> = { got: [], http: [], thread: [] }
for (const transport of Object.values(transports)) await send(transport, url)
for (let round = 0; round < ROUNDS; round++) for (const name of NAMES) results[name].push(await measure(transports[name], url))
for (const name of NAMES) {
  const least = (key: 'mainMicros' | 'processMicros') => Math.round(Math.min(...results[name].map((result) => result[key])))
  const most = Math.round(Math.max(...results[name].map(({ requestsPerSecond }) => requestsPerSecond)))
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
