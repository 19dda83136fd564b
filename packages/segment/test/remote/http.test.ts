import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backoffMs, getJson } from '../../src/remote/http.ts'
import { fakeClock } from '../fake-clock.ts'

const place = { service: 'A service', what: 'things' }
const signal = new AbortController().signal
const server = createServer((request, response) => {
  if (request.url === '/silent') return
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

describe('getJson', () => {
  it('gives status, headers by lower-case name, and the body', async () => {
    const { status, headers, body } = await getJson({ url: `${url}/ok`, headers: {}, place }, {}, signal)

    expect([status, headers.get('x-two'), body]).toEqual([200, 'a, b', { a: 1 }])
  })

  it('gives the last answer once the tries are used up, waiting longer each time', async () => {
    const clock = fakeClock()
    const start = clock.now()

    const { status } = await getJson({ url: `${url}/fails`, headers: {}, place }, { clock, attempts: 4 }, signal)

    expect(status).toBe(500)
    expect(clock.now() - start).toBe(500 + 1_000 + 2_000)
  })

  it('waits as long as it is asked to, up to five minutes', async () => {
    const clock = fakeClock()
    const start = clock.now()

    await getJson({ url: `${url}/fails`, headers: {}, place }, { clock, attempts: 2, after: () => 3_600_000 }, signal)

    expect(clock.now() - start).toBe(300_000)
  })

  it('gives up on a silent server', async () => {
    const silent = getJson({ url: `${url}/silent`, headers: {}, place }, { clock: fakeClock(), attempts: 1, timeoutMs: 30 }, signal)

    await expect(silent).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE', message: expect.stringContaining('no answer within 30 ms') })
  })

  it('ends with the reason of an abort while it waits for an answer', async () => {
    const abort = new AbortController()
    const silent = getJson({ url: `${url}/silent`, headers: {}, place }, { clock: fakeClock() }, abort.signal)
    setImmediate(() => abort.abort(new Error('enough')))

    await expect(silent).rejects.toThrow('enough')
  })

  it('follows no redirect: the token is for one server', async () => {
    expect((await getJson({ url: `${url}/redirect`, headers: {}, place }, {}, signal)).status).toBe(302)
  })
})

describe('backoffMs', () => {
  it('doubles up to a minute', () => {
    expect([1, 2, 3, 10].map(backoffMs)).toEqual([500, 1_000, 2_000, 60_000])
  })
})
