import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { expect, it } from 'vitest'
import { createGotTransport } from '../src/got-transport.ts'
import { disposable, transportBehaviour } from './transport-behaviour.ts'

transportBehaviour('createGotTransport', (sockets) => createGotTransport({ sockets }))

it('closes connections nobody uses, and none that wait for an answer', async () => {
  const closed: Promise<void>[] = []
  const server = createServer((_, response) => void setTimeout(() => response.end('{}'), 200))
  server.keepAliveTimeout = 0
  server.on('connection', (socket: Socket) => closed.push(new Promise((resolve) => socket.once('close', () => resolve()))))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await using transport = disposable(createGotTransport({ sockets: 1, idleMs: 50 }))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

  const answer = await transport.send({ method: 'GET', url, headers: {}, body: null, timeoutMs: 10_000 })
  await closed[0]

  expect(answer.status).toBe(200)
  expect(closed).toHaveLength(1)
  await new Promise((resolve) => server.close(resolve))
})
