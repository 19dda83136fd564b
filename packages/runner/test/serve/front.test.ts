import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '@engage-sync/braze-simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeFiles } from '../temp-directory.ts'
import { traitLine } from '../project.ts'
import { attributesOf, serveIn, signed } from './serving.ts'
import type { Serving } from './serving.ts'

const SECRET = 'a shared secret'
const SYNC = (source: string) => `version: 1
source: ${source}
identity: { external_id: userId }
traits: { lifetime_value: ${source}_ltv }
`

let simulator: Awaited<ReturnType<typeof startSimulator>>
let serving: Serving
const cwd = mkdtempSync(join(tmpdir(), 'engage-sync-front-'))

beforeAll(async () => {
  simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  const project = `version: 1
environments:
  local:
    braze: { endpoint: '${simulator.url}', api_key: '\${KEY}', settle: 0ms }
    sources:
      open: { webhook: { path: [/open, /open/too], unsigned: true, max_body: 4KB } }
      signed: { webhook: { path: /signed, shared_secret: '\${SECRET}' } }
      both: { webhook: { path: /both, shared_secret: '\${SECRET}', header: { name: X-Pass, value: '\${PASS}' } } }
`
  writeFiles(
    cwd,
    Object.fromEntries([
      ['configs/engage-sync.yaml', project],
      ...['open', 'signed', 'both'].map((name) => [`configs/${name}.yaml`, SYNC(name)]),
    ]),
  )
  serving = await serveIn(cwd, { env: { KEY: 'simulator', SECRET, PASS: 'let me in' } })
})
afterAll(async () => {
  await serving.stop()
  await simulator.close()
  rmSync(cwd, { recursive: true, force: true })
})

const event = (user: string, value = 7) => traitLine(user, 'lifetime_value', value).trim()

/** Waits until Braze has an attribute of a user. */
async function arrived(user: string, attribute: string): Promise<unknown> {
  for (let tries = 0; tries < 200; tries++) {
    const found = (await attributesOf(simulator.url, user))[attribute]
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`${user} never arrived`)
}

describe('what is posted', () => {
  it('arrives in Braze, one event or several, however Segment wraps them', async () => {
    const one = event('ada', 1)
    const batch = `[${event('bob', 2)},${event('cyd', 3)}]`
    const extensible = `[{"json":${event('dot', 4)}}]`
    const answers = [
      await serving.post('/open', one),
      await serving.post('/open/too', batch),
      await serving.post('/signed', extensible, signed(extensible, SECRET)),
      await serving.post('/both', batch, { ...signed(event('bob', 2), SECRET), 'x-pass': 'no' }),
    ]

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 401])
    expect(await answers[1]?.json()).toEqual({ received: 2 })
    expect(await arrived('ada', 'open_ltv')).toBe(1)
    expect(await arrived('cyd', 'open_ltv')).toBe(3)
    expect(await arrived('dot', 'signed_ltv')).toBe(4)
  })

  it('with the signature of its first event alone needs the header, too', async () => {
    const first = event('eve', 5)
    const batch = `[${first},${event('fay', 6)}]`
    const ok = await serving.post('/both', batch, {
      ...signed(first, SECRET),
      'X-PASS': 'let me in',
    })
    const bad = await serving.post('/signed', batch, signed(first, SECRET))

    expect(ok.status).toBe(200)
    expect(await bad.json()).toMatchObject({ code: 'WEBHOOK_PARTLY_SIGNED' })
    expect(await arrived('fay', 'both_ltv')).toBe(6)
  })

  it('is nothing where it is an empty list', async () => {
    const answer = await serving.post('/open', '[]')

    expect([answer.status, await answer.json()]).toEqual([200, { received: 0 }])
  })
})

describe('what is refused', () => {
  const big = event(`big${'x'.repeat(5000)}`)
  it.each([
    ['a body that is no JSON', 400, 'WEBHOOK_NOT_JSON', '/open', '{"secret of mine'],
    ['a body that is not UTF-8', 400, 'WEBHOOK_NOT_JSON', '/open', Buffer.from([0xff, 0xfe])],
    ['nothing at all', 400, 'WEBHOOK_NOT_JSON', '/open', ''],
    ['a body that is too large', 413, 'WEBHOOK_TOO_LARGE', '/open', big],
    ['no signature', 401, 'WEBHOOK_UNSIGNED', '/signed', event('gus')],
    ['no header', 401, 'WEBHOOK_BAD_HEADER', '/both', event('gus')],
    ['a path nobody has', 404, 'SERVE_NOT_FOUND', '/closed', event('gus')],
    ['a path below one', 404, 'SERVE_NOT_FOUND', '/open/more', event('gus')],
  ])('%s', async (_, status, code, path, body) => {
    const answer = await fetch(`${serving.url}${path}`, { method: 'POST', body })
    const text = await answer.text()

    expect([answer.status, (JSON.parse(text) as { code: string }).code]).toEqual([status, code])
    expect(text).not.toContain('secret of mine')
    expect(text).not.toContain('gus')
  })

  it('a wrong signature', async () => {
    const answer = await serving.post('/signed', event('hal'), signed(event('hal'), 'other'))

    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ code: 'WEBHOOK_BAD_SIGNATURE' })
  })

  it('what is too large though it does not say so', async () => {
    const body = new ReadableStream({
      start(stream) {
        for (let part = 0; part < 10; part++) stream.enqueue(Buffer.alloc(1000, 32))
        stream.close()
      },
    })
    const answer = await fetch(`${serving.url}/open`, { method: 'POST', body, duplex: 'half' })

    expect(answer.status).toBe(413)
  })

  it('every other method, and a body that is compressed', async () => {
    const put = await fetch(`${serving.url}/open`, { method: 'PUT', body: event('ida') })
    const zipped = await serving.post('/open', event('ida'), { 'content-encoding': 'gzip' })
    const ready = await serving.post('/readyz', '')

    expect([put.status, put.headers.get('allow')]).toEqual([405, 'POST'])
    expect(zipped.status).toBe(415)
    expect([ready.status, ready.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  it('before its body is sent, where the client waits for that', async () => {
    const refused = await raw(
      'POST /both HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n',
    )
    const wanted = await raw(
      'POST /open HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
      '[]',
    )

    expect(refused).toMatch(/^HTTP\/1\.1 401 /)
    expect(wanted).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  })

  it('what HTTP does not allow, and headers without end', async () => {
    expect(await raw('GARBAGE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await raw(`POST /open HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    )
  })
})

it('tells nothing of people and of secrets, wherever it tells something', async () => {
  const body = event('somebody-private')
  await serving.post('/signed', body, signed(body, SECRET))
  await arrived('somebody-private', 'signed_ltv')
  const paths = ['/metrics', '/readyz', '/livez', '/debug']
  const texts = await Promise.all(paths.map(async (path) => (await serving.get(path)).text()))
  const all = [...texts, serving.err()].join('\n')

  expect(all).toContain('engage_sync_received_records_total{source="signed"}')
  expect(all).not.toMatch(/somebody-private|\bada\b|\bfay\b/)
  expect(all).not.toContain(SECRET)
  expect(all).not.toContain('let me in')
})

/** What a server answers to bytes; `then` is sent once it asks for more. */
function raw(bytes: string, then?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(serving.url).port), '127.0.0.1', () =>
      socket.write(bytes),
    )
    let text = ''
    socket.on('data', (part) => {
      text += part.toString()
      if (then !== undefined && text === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write(then)
      else socket.end()
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}
