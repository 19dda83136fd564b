import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { backoffMs, getJson } from '../../src/remote/http.ts'
import type { HttpAnswer } from '../../src/remote/http.ts'
import { fakeClock } from '../fake-clock.ts'

const place = { service: 'A service', what: 'things' }
const signal = new AbortController().signal

/** Requests by path: those of one test may arrive while the next one runs. */
const tries = new Map<string | undefined, number>()

/** One byte after another, never coming to an end. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), 5)
  response.on('close', () => clearInterval(timer))
}

/** As much as the other side takes, without end. */
function pour(response: ServerResponse): void {
  const piece = Buffer.alloc(64 * 1024, ' ')
  const more = (): void => {
    while (!response.destroyed && response.write(piece)) poured += piece.length
  }
  response.on('drain', more)
  more()
}
let poured = 0

const server = createServer((request, response) => {
  tries.set(request.url, (tries.get(request.url) ?? 0) + 1)
  if (request.url === '/silent') return
  if (request.url === '/slow') return void drip(response)
  if (request.url === '/endless') return void pour(response)
  if (request.url === '/cut' && tries.get('/cut') === 1) {
    response.writeHead(200, { 'Content-Length': '7' }).write('{"a"')
    setImmediate(() => response.socket?.destroy())
    return
  }
  if (request.url === '/cut') return void response.writeHead(200).end('{"a":1}')
  if (request.url === '/redirect') {
    response.writeHead(302, { location: '/ok' }).end()
    return
  }
  response.writeHead(request.url === '/ok' ? 200 : 500, { 'X-Two': ['a', 'b'] }).end('{"a":1}')
})
let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

beforeEach(() => {
  tries.clear()
})

describe('getJson', () => {
  it('gives status, headers by lower-case name, and the body', async () => {
    const { status, headers, body } = await getJson(
      { url: `${url}/ok`, headers: {}, place },
      {},
      signal,
    )

    expect([status, headers.get('x-two'), body]).toEqual([200, 'a, b', { a: 1 }])
  })

  it('gives the last answer once the tries are used up, waiting longer each time', async () => {
    const clock = fakeClock()
    const start = clock.now()

    const { status } = await getJson(
      { url: `${url}/fails`, headers: {}, place },
      { clock, attempts: 4 },
      signal,
    )

    expect(status).toBe(500)
    expect(clock.now() - start).toBe(500 + 1_000 + 2_000)
  })

  it('waits as long as it is asked to, up to five minutes', async () => {
    const clock = fakeClock()
    const start = clock.now()

    await getJson(
      { url: `${url}/fails`, headers: {}, place },
      { clock, attempts: 2, after: () => 3_600_000 },
      signal,
    )

    expect(clock.now() - start).toBe(300_000)
  })

  it('gives up on a silent server', async () => {
    const silent = getJson(
      { url: `${url}/silent`, headers: {}, place },
      { clock: fakeClock(), attempts: 1, timeoutMs: 30 },
      signal,
    )

    await expect(silent).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining('no answer within 30 ms'),
    })
  })

  it('gives up on an answer that never ends, however slowly it comes', async () => {
    const slow = getJson(
      { url: `${url}/slow`, headers: {}, place },
      { clock: fakeClock(), attempts: 2, timeoutMs: 60 },
      signal,
    )

    await expect(slow).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining('no answer within 60 ms'),
    })
    expect(tries.get('/slow')).toBe(2)
  })

  it('reads no more than 16 MB of an answer, and does not ask again', async () => {
    const endless = getJson(
      { url: `${url}/endless`, headers: {}, place },
      { clock: fakeClock() },
      signal,
    )

    await expect(endless).rejects.toMatchObject({
      code: 'SOURCE_ANSWER',
      message: expect.stringContaining('at most 16777216 bytes'),
    })
    expect(tries.get('/endless')).toBe(1)
    expect(poured).toBeLessThan(64 * 1024 * 1024)
  })

  it('asks again when an answer breaks off', async () => {
    expect(
      (await getJson({ url: `${url}/cut`, headers: {}, place }, { clock: fakeClock() }, signal))
        .body,
    ).toEqual({ a: 1 })
    expect(tries.get('/cut')).toBe(2)
  })

  it('waits its turn before each try, and tells how long the next one waits', async () => {
    const told: (number | string)[] = []
    const policy = {
      clock: fakeClock(),
      attempts: 3,
      before: async () => void told.push('turn'),
      onWait: (waitMs: number, answer: HttpAnswer | null) =>
        void told.push(waitMs, answer?.status ?? 'none'),
    }

    await getJson({ url: `${url}/fails`, headers: {}, place }, policy, signal)

    expect(told).toEqual(['turn', 500, 500, 'turn', 1_000, 500, 'turn'])
  })

  it('ends with the reason of an abort while it waits for the next try', async () => {
    const abort = new AbortController()
    const policy = { onWait: () => setImmediate(() => abort.abort(new Error('enough'))) }

    await expect(
      getJson({ url: `${url}/fails`, headers: {}, place }, policy, abort.signal),
    ).rejects.toThrow('enough')
  })

  it('ends with the reason of an abort while it waits for an answer', async () => {
    const abort = new AbortController()
    const silent = getJson(
      { url: `${url}/silent`, headers: {}, place },
      { clock: fakeClock() },
      abort.signal,
    )
    setImmediate(() => abort.abort(new Error('enough')))

    await expect(silent).rejects.toThrow('enough')
  })

  it('follows no redirect: the token is for one server', async () => {
    expect((await getJson({ url: `${url}/redirect`, headers: {}, place }, {}, signal)).status).toBe(
      302,
    )
  })
})

describe('backoffMs', () => {
  it('doubles up to a minute', () => {
    expect([1, 2, 3, 10].map(backoffMs)).toEqual([500, 1_000, 2_000, 60_000])
  })
})
