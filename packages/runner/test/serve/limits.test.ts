import type { Server } from 'node:http'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { closeFront, createFront, listen } from '../../src/serve/front/http-server.ts'
import { LIMITS } from '../../src/serve/front/limits.ts'
import { BodyRoom, readBody } from '../../src/serve/front/read-body.ts'

let server: Server
let port = 0
beforeAll(async () => {
  const limits = { ...LIMITS, headersMs: 150, requestMs: 300, checkMs: 20, connections: 3 }
  server = createFront(async ({ request, response }) => {
    const read = await readBody(request, { maxBytes: 100, room: new BodyRoom() })
    response.end(read.ok ? read.body : read.why)
  }, limits)
  port = Number(new URL(await listen(server, { host: '127.0.0.1', port: 0 })).port)
})
afterAll(() => closeFront(server))

/** What comes of a client that begins a request and never ends it. */
function begin(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.on('data', (part) => (text += part.toString()))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
}

it('waits for nobody who sends headers, or a body, drop by drop', async () => {
  const [headers, body] = await Promise.all([
    begin('POST /a HTTP/1.1\r\nHost: x\r\nX: '),
    begin('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12'),
  ])

  expect(headers).toMatch(/^HTTP\/1\.1 408 /)
  expect(body).toMatch(/^HTTP\/1\.1 408 /)
})

it('takes no more connections than it can hold', async () => {
  const silent = Array.from({ length: 3 }, () => connect(port, '127.0.0.1'))
  await Promise.all(
    silent.map((socket) => new Promise((resolve) => socket.once('connect', resolve))),
  )

  expect(await begin('GET /a HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('')
  for (const socket of silent) socket.destroy()
})

it('holds no more of all bodies together than there is room for, and gives it back', async () => {
  const room = new BodyRoom(10)
  const request = () => new PassThrough() as unknown as IncomingMessage & PassThrough
  const [first, second, third] = [request(), request(), request()]
  const firstRead = readBody(first, { maxBytes: 100, room })
  first.write('12345678')
  const secondRead = readBody(second, { maxBytes: 100, room })
  second.end('1234')

  expect(await secondRead).toEqual({ ok: false, why: 'no room' })
  first.destroy()
  expect(await firstRead).toEqual({ ok: false, why: 'gone' })
  const thirdRead = readBody(third, { maxBytes: 100, room })
  third.end('1234567890')
  expect(await thirdRead).toMatchObject({ ok: true })
})
