/*
 * A simulator that counts and keeps nothing, and notes when its requests came and were answered.
 *
 * Argument: milliseconds until each answer. Tells its parent its URL, then, asked by any message,
 * the traffic since the last time. It ends with its parent.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { startSimulator } from '@engage-sync/braze-simulator'
import { NO_TRAFFIC } from './traffic.ts'
import type { Traffic } from './traffic.ts'

let traffic: Traffic = NO_TRAFFIC
const began = new WeakMap<IncomingMessage, number>()

subscribe('http.server.request.start', (message) => {
  began.set((message as { request: IncomingMessage }).request, performance.now())
})
subscribe('http.server.response.finish', (message) => {
  const end = performance.now()
  const start = began.get((message as { request: IncomingMessage }).request)!
  traffic = {
    requests: traffic.requests + 1,
    firstMs: Math.min(traffic.firstMs, start),
    lastMs: Math.max(traffic.lastMs, end),
    openMs: traffic.openMs + end - start,
  }
})

const simulator = await startSimulator({
  lean: true,
  settings: { answerDelayMs: Number(process.argv[2]) },
})
process.on('message', () => {
  process.send!(traffic)
  traffic = NO_TRAFFIC
})
process.once('disconnect', () => void simulator.close())
process.send!(simulator.url)
