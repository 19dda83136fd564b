import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createHandoverTransport } from '../../src/transport/handover-transport.ts'
import { transportBehaviour } from './transport-behaviour.ts'

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
  const transport = createHandoverTransport({ sockets: 1 })
  const request = { method: 'POST' as const, url, headers: {}, body: Buffer.from('{}'), timeoutMs: 20_000 }

  const statuses: number[] = []
  for (let sent = 0; sent < 120; sent++) statuses.push((await transport.send(request)).status)
  await transport.close()

  expect(statuses).toEqual(Array.from({ length: 120 }, () => 200))
  expect(ports.size).toBe(2)
})

transportBehaviour('createHandoverTransport', (sockets) => createHandoverTransport({ sockets }))
