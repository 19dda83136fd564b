import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createHotTransport } from '../../src/transport/hot-transport.ts'
import { createThreadTransport } from '../../src/transport/thread-transport.ts'
import { disposable, transportBehaviour } from './transport-behaviour.ts'

const ports = new Set<number>()
const server = createServer((request, response) => {
  ports.add(request.socket.remotePort!)
  request.resume()
  request.on('end', () => response.end('{}'))
})
let url: string

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

it('answers every request across the handover, which opens connections of its own', async () => {
  const transport = createHotTransport({ sockets: 1 })
  const request = {
    method: 'POST' as const,
    url,
    headers: {},
    body: Buffer.from('{}'),
    timeoutMs: 20_000,
  }

  const statuses: number[] = []
  for (let sent = 0; sent < 120; sent++) statuses.push((await transport.send(request)).status)
  await transport.close()

  expect(statuses).toEqual(Array.from({ length: 120 }, () => 200))
  expect(ports.size).toBe(2)
})

it('goes on by itself where no thread can start', async () => {
  const missing = new URL('./fixtures/no-such-worker.ts', import.meta.url)
  await using transport = disposable(
    createHotTransport({ sockets: 1 }, (options) => createThreadTransport(options, missing)),
  )
  const request = {
    method: 'POST' as const,
    url,
    headers: {},
    body: Buffer.from('{}'),
    timeoutMs: 20_000,
  }

  const statuses: number[] = []
  for (let sent = 0; sent < 110; sent++) statuses.push((await transport.send(request)).status)

  expect(statuses).toEqual(Array.from({ length: 110 }, () => 200))
})

it('starts no thread where none is wanted', async () => {
  const transport = createHotTransport({ sockets: 1, thread: false }, () => expect.unreachable())
  const request = {
    method: 'POST' as const,
    url,
    headers: {},
    body: Buffer.from('{}'),
    timeoutMs: 20_000,
  }

  for (let sent = 0; sent < 110; sent++) expect((await transport.send(request)).status).toBe(200)
  await transport.close()
})

transportBehaviour('createHotTransport', (sockets, connectTimeoutMs) =>
  createHotTransport({ sockets, ...(connectTimeoutMs && { connectTimeoutMs }) }),
)
