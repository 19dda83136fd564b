import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { startSimulator } from '../../src/index.ts'
import type { Simulator } from '../../src/index.ts'

let simulator: Simulator
afterEach(() => simulator.close())

/**
 * The status of an answer to a request written by hand; browsers and `fetch` set these headers
 * themselves.
 */
async function statusOf(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const { port } = new URL(simulator.url)
  const lines = Object.entries({ Host: `127.0.0.1:${port}`, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  const socket = connect(Number(port), '127.0.0.1')
  socket.end(`${method} ${path} HTTP/1.1\r\n${lines.join('')}Connection: close\r\n\r\n`)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return Number(text.slice(9, 12))
}

const POST = { 'Content-Type': 'application/json', 'Content-Length': '0' }

describe('the server', () => {
  it.each(['localhost', 'LOCALHOST', 'app.localhost', '127.0.0.1', '127.8.9.1', '[::1]'])(
    'answers to %s, with and without a port',
    async (name) => {
      simulator = await startSimulator()

      expect(
        await statusOf('GET', '/simulator/users', {
          Host: `${name}:${new URL(simulator.url).port}`,
        }),
      ).toBe(200)
      expect(await statusOf('GET', '/simulator/users', { Host: name })).toBe(200)
    },
  )

  it.each([
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '0.0.0.0',
    '10.0.0.1',
    '',
    'a@localhost',
    '[::ffff:7f00:1]',
  ])('answers to no other name: %s', async (name) => {
    simulator = await startSimulator()

    for (const path of ['/', '/simulator/users', '/events/list'])
      expect([
        path,
        await statusOf('GET', path, { Host: name, Authorization: 'Bearer simulator' }),
      ]).toEqual([path, 403])
    expect(
      await statusOf('POST', '/simulator/reset', { ...POST, Host: name, Origin: `http://${name}` }),
    ).toBe(403)
  })

  it('answers to names it was given', async () => {
    simulator = await startSimulator({ hostNames: ['braze', 'Other.Example'] })

    expect(await statusOf('GET', '/simulator/users', { Host: 'braze:4310' })).toBe(200)
    expect(await statusOf('GET', '/simulator/users', { Host: 'other.example' })).toBe(200)
    expect(await statusOf('GET', '/simulator/users', { Host: 'evil.example' })).toBe(403)
  })

  it.each<Readonly<Record<string, string>>>([
    { Origin: 'http://evil.example' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'Cross-Site' },
  ])('refuses what another site asks: %o', async (headers) => {
    simulator = await startSimulator()

    expect(await statusOf('POST', '/simulator/reset', { ...POST, ...headers })).toBe(403)
    expect(
      await statusOf('POST', '/users/track', {
        ...POST,
        ...headers,
        Authorization: 'Bearer simulator',
      }),
    ).toBe(403)
    expect(await statusOf('GET', '/simulator/users', headers)).toBe(403)
  })

  it('takes what its own page asks, and links to the page', async () => {
    simulator = await startSimulator()
    const own = { Origin: simulator.url, 'Sec-Fetch-Site': 'same-origin' }

    expect(await statusOf('POST', '/simulator/reset', { ...POST, ...own })).toBe(200)
    expect(await statusOf('GET', '/simulator/users', { 'Sec-Fetch-Site': 'none' })).toBe(200)
    expect(
      await statusOf('GET', '/', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }),
    ).toBe(200)
    expect(
      await statusOf('GET', '/simulator/users', {
        'Sec-Fetch-Site': 'cross-site',
        'Sec-Fetch-Mode': 'navigate',
      }),
    ).toBe(403)
  })
})
