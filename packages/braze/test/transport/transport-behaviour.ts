import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { TransportError } from '../../src/transport/transport.ts'
import type {
  Transport,
  TransportOptions,
  TransportRequest,
} from '../../src/transport/transport.ts'
import { scriptedBraze, SUCCESS } from '../scripted-braze.ts'

/** What every transport does, over real connections. */
export function transportBehaviour(
  name: string,
  create: (sockets: number, connectTimeoutMs?: number) => Transport,
): void {
  const post = (url: string, more: Partial<TransportRequest> = {}): TransportRequest => ({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', 'user-agent': 'partner-Test' },
    body: Buffer.from('{"a":"ü"}'),
    timeoutMs: 10_000,
    ...more,
  })
  const failure = async (sending: Promise<unknown>) => {
    const error = await sending.then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(TransportError)
    return error as TransportError
  }

  describe(`${name} as a transport`, () => {
    it('gives status, headers in lower case, and bytes', async () => {
      await using braze = await scriptedBraze(() => ({
        status: 201,
        body: { message: 'success' },
        headers: { 'X-RateLimit-Remaining': '7' },
      }))
      await using transport = disposable(create(2))

      const answer = await transport.send(post(`${braze.url}/users/track`))

      expect(answer.status).toBe(201)
      expect(answer.headers['x-ratelimit-remaining']).toBe('7')
      expect(Buffer.from(answer.body).toString('utf8')).toBe('{"message":"success"}')
      expect(braze.arrived[0]).toMatchObject({
        method: 'POST',
        path: '/users/track',
        body: '{"a":"ü"}',
      })
      expect(braze.arrived[0].headers).toMatchObject({
        'user-agent': 'partner-Test',
        'content-length': '10',
      })
    })

    it('leaves the body usable for another try', async () => {
      await using braze = await scriptedBraze(() => SUCCESS)
      await using transport = disposable(create(1))
      const body = Buffer.from('{"again":true}')

      await transport.send(post(braze.url, { body }))
      await transport.send(post(braze.url, { body }))

      expect(braze.arrived.map((request) => request.body)).toEqual([
        '{"again":true}',
        '{"again":true}',
      ])
    })

    it('makes a GET without a body', async () => {
      await using braze = await scriptedBraze(() => SUCCESS)
      await using transport = disposable(create(1))

      await transport.send(
        post(`${braze.url}/events/list?page=1`, { method: 'GET', body: null, headers: {} }),
      )

      expect(braze.arrived[0]).toMatchObject({
        method: 'GET',
        path: '/events/list?page=1',
        body: '',
      })
    })

    it.each([400, 429, 500, 302])('answers HTTP %i as it is', async (status) => {
      await using braze = await scriptedBraze(() => ({
        status,
        headers: { location: '/elsewhere' },
      }))
      await using transport = disposable(create(1))

      expect((await transport.send(post(braze.url))).status).toBe(status)
      expect(braze.arrived).toHaveLength(1)
    })

    it('tells a refused connection as unsent', async () => {
      await using transport = disposable(create(1))

      const error = await failure(transport.send(post(`http://127.0.0.1:${await unusedPort()}/`)))

      expect([error.kind, error.code]).toEqual(['unsent', 'ECONNREFUSED'])
    })

    it('tells a connection cut after sending as unknown', async () => {
      await using braze = await scriptedBraze(() => 'reset')
      await using transport = disposable(create(1))

      const error = await failure(transport.send(post(braze.url)))

      expect([error.kind, error.code]).toEqual(['unknown', 'ECONNRESET'])
    })

    it('tells an answer cut in its middle as unknown', async () => {
      const server = createServer((socket) =>
        socket.once('data', () =>
          socket.end('HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{"message"'),
        ),
      )
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      await using transport = disposable(create(1))

      const error = await failure(
        transport.send(post(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)),
      )

      expect(error.kind).toBe('unknown')
      await new Promise((resolve) => server.close(resolve))
    })

    it('tells a timeout in the middle of an answer as unknown', async () => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined)
        socket.once('data', () =>
          socket.write('HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{"message"'),
        )
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      await using transport = disposable(create(1))

      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
      const error = await failure(transport.send(post(url, { timeoutMs: 200 })))

      expect([error.kind, error.code]).toEqual(['unknown', 'ETIMEDOUT'])
      await new Promise((resolve) => server.close(resolve))
    })

    it('reads no answer without end, and says that it was too large', async () => {
      const server = createHttpServer((_, response) => {
        const chunk = Buffer.alloc(1_048_576, ' ')
        const more = () => {
          if (!response.destroyed && response.write(chunk)) setImmediate(more)
        }
        response.on('drain', more)
        response.writeHead(201)
        more()
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      await using transport = disposable(create(1))

      const error = await failure(
        transport.send(post(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)),
      )

      expect([error.kind, error.code]).toEqual(['oversized', 'ANSWER_TOO_LARGE'])
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })

    it('tells a host that takes connections and agrees on no TLS as unsent', async () => {
      const sockets: Socket[] = []
      const server = createServer(
        (socket) => void sockets.push(socket.on('error', () => undefined)),
      )
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      await using transport = disposable(create(1, 200))
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`

      const error = await failure(transport.send(post(url)))

      expect([error.kind, error.code]).toEqual(['unsent', 'ETIMEDOUT'])
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    })

    it('tells a timeout as unknown', async () => {
      await using braze = await scriptedBraze(() => 'silence')
      await using transport = disposable(create(1))

      const error = await failure(transport.send(post(braze.url, { timeoutMs: 50 })))

      expect([error.kind, error.code]).toEqual(['unknown', 'ETIMEDOUT'])
    })

    it('gives up when aborted', async () => {
      await using braze = await scriptedBraze(() => 'silence')
      await using transport = disposable(create(1))
      const stop = new AbortController()
      const sending = failure(transport.send(post(braze.url, { signal: stop.signal })))

      while (braze.arrived.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      stop.abort()

      expect((await sending).kind).toBe('aborted')
    })

    it('sends nothing when aborted before', async () => {
      await using braze = await scriptedBraze(() => SUCCESS)
      await using transport = disposable(create(1))

      const error = await failure(transport.send(post(braze.url, { signal: AbortSignal.abort() })))

      expect(error.kind).toBe('aborted')
      expect(braze.arrived).toEqual([])
    })

    it('keeps its connections', async () => {
      await using braze = await scriptedBraze(() => SUCCESS)
      await using transport = disposable(create(2))

      for (let number = 0; number < 10; number++) await transport.send(post(braze.url))

      expect(new Set(braze.arrived.map(({ port }) => port)).size).toBe(1)
    })

    it('answers many at once, each its own', async () => {
      await using braze = await scriptedBraze(({ body }) => ({ status: 201, body }))
      await using transport = disposable(create(8))
      const bodies = Array.from({ length: 50 }, (_, number) => `{"number":${number}}`)

      const answers = await Promise.all(
        bodies.map((body) => transport.send(post(braze.url, { body: Buffer.from(body) }))),
      )

      expect(answers.map(({ body }) => Buffer.from(body).toString('utf8'))).toEqual(bodies)
    })
  })
}

/** Connections end once nobody used them for a while. */
export function closesIdleConnections(
  name: string,
  create: (options: TransportOptions) => Transport,
): void {
  it(`${name} closes connections nobody uses, and none that wait for an answer`, async () => {
    const closed: Promise<void>[] = []
    const server = createHttpServer((_, response) => void setTimeout(() => response.end('{}'), 200))
    server.keepAliveTimeout = 0
    server.on('connection', (socket: Socket) =>
      closed.push(new Promise((resolve) => socket.once('close', () => resolve()))),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await using transport = disposable(create({ sockets: 1, idleMs: 50 }))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

    const answer = await transport.send({
      method: 'GET',
      url,
      headers: {},
      body: null,
      timeoutMs: 10_000,
    })
    await closed[0]

    expect(answer.status).toBe(200)
    expect(closed).toHaveLength(1)
    await new Promise((resolve) => server.close(resolve))
  })
}

export function disposable(transport: Transport): Transport & AsyncDisposable {
  return Object.assign(transport, { [Symbol.asyncDispose]: () => transport.close() })
}

/** A port nobody listens on. */
export async function unusedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
