import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '@engage-sync/braze-simulator'
import {
  accessibilityFaults,
  BROWSER_ARGUMENTS,
  findBrowser,
  HOW_TO_GET_A_BROWSER,
} from '@engage-sync/testkit'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audienceLine, traitLine } from '../project.ts'
import { writeFiles } from '../temp-directory.ts'
import { arrives, HOOK_ENV, hookProject, serveIn } from './serving.ts'
import type { Serving } from './serving.ts'

const TOKEN = { authorization: 'Bearer look-here' }
const LONG = 'bought_many_things_within_the_last_year'
const SYNC = `version: 1
source: engage
identity: { external_id: userId, alias: { from: anonymousId, label: segment } }
traits:
  lifetime_value: { attribute: ltv, type: number }
audiences:
  vip: { attribute: vip }
  ${LONG}: { attribute: big_spender }
`
const directory = mkdtempSync(join(tmpdir(), 'engage-sync-debugger-'))
let simulator: Awaited<ReturnType<typeof startSimulator>>
let serving: Serving
/** The same without a token. */
let open: Serving

beforeAll(async () => {
  simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  const files = (serve: string) => ({
    'configs/engage-sync.yaml': hookProject(simulator.url, undefined, serve),
    'configs/shoppers.yaml': SYNC,
  })
  writeFiles(join(directory, 'closed'), files('{ admin_token: "${TOKEN}" }'))
  writeFiles(join(directory, 'open'), files('{}'))
  const env = { ...HOOK_ENV, TOKEN: 'look-here' }
  serving = await serveIn(join(directory, 'closed'), { env })
  open = await serveIn(join(directory, 'open'), { env })
})
afterAll(async () => {
  await Promise.all([serving.stop(), open.stop()])
  await simulator.close()
  rmSync(directory, { recursive: true, force: true })
})

const value = (user: string, ltv: unknown, minute = 0) =>
  traitLine(user, 'lifetime_value', ltv, minute).trim()

interface Event {
  readonly id: string | null
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Resolves once whoever looks is told of what comes. */
let looks = Promise.withResolvers<void>()

/** Looks at a server, until `isDone`; gives what it was told. */
async function look(
  at: Serving,
  isDone: (event: Event) => boolean,
  { query = '', headers = {} }: { query?: string; headers?: Record<string, string> } = {},
): Promise<readonly Event[]> {
  const leave = new AbortController()
  looks = Promise.withResolvers()
  const answer = await fetch(`${at.url}/debug/events${query}`, { headers, signal: leave.signal })
  expect(answer.headers.get('content-type')).toContain('text/event-stream')
  const events: Event[] = []
  let text = ''
  for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += part
    looks.resolve()
    const whole = text.split('\n\n')
    text = whole.pop() ?? ''
    for (const block of whole.filter((each) => each.includes('data: '))) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null
      const data = JSON.parse(field('data') ?? '') as Event['data']
      events.push({ id: field('id'), type: field('event') ?? '', data })
    }
    if (events.some(isDone)) break
  }
  leave.abort()
  return events
}

const entry = (outcome: string) => (event: Event) =>
  event.type === 'entry' && event.data['outcome'] === outcome && event.data['ended_ms'] !== null

describe('who looks at a server', () => {
  it('sees a record arrive, decoded, mapped, sent and answered, with its times', async () => {
    const looking = look(serving, entry('accepted'), { headers: TOKEN })
    await later(() => serving.post('/segment', value('shopper-ada', 41)))
    const events = await looking
    const last = events.at(-1)?.data

    expect(events[0]?.type).toBe('state')
    expect(
      events.filter(({ type }) => type === 'entry').map(({ data }) => data['outcome']),
    ).toEqual(['waiting', 'sent', 'accepted', 'accepted'])
    expect(last).toMatchObject({
      source: 'engage',
      user: 'sh…da',
      event: { kind: 'trait', key: 'lifetime_value', call: 'identify', user: 'sh…da' },
      mappings: [
        {
          id: 'shoppers:traits.lifetime_value',
          place: 'configs/shoppers.yaml:5',
          becomes: expect.stringContaining('ltv') as string,
        },
      ],
      requests: [
        {
          path: '/users/track',
          body: [{ external_id: '<text of 11>', ltv: '<number>' }],
          answers: ['accepted'],
        },
      ],
    })
    const [request] = (last?.['requests'] ?? []) as Record<string, number>[]
    const times = [
      last?.['came_ms'],
      request?.['sent_ms'],
      request?.['answered_ms'],
      last?.['ended_ms'],
    ]
    expect(times).toEqual(times.toSorted())
    expect(JSON.stringify(events)).not.toMatch(/shopper-ada|\b41\b/)
  })

  it('sees values where the token asks, why nothing is sent, and nobody anonymous', async () => {
    await serving.post('/segment', value('bob', 7, 1))
    await arrives(simulator.url, 'bob', ['ltv', 7])
    const looking = look(serving, entry('nothing to send'), {
      query: '?values=1',
      headers: TOKEN,
    })
    await later(async () => {
      await serving.post(
        '/segment',
        value('bob', 7, 2).replace('"userId":"bob"', '"anonymousId":"a1"'),
      )
      await serving.post('/segment', value('bob', 7, 3))
    })
    const events = await looking

    const shown = events.filter(({ type }) => type === 'entry').map(({ data }) => data)
    expect(JSON.stringify(shown)).not.toContain('a1')
    // Windows of several records say it only where it is the same of all.
    expect(['unchanged', null]).toContain(shown.at(-1)?.['became'])
    expect(shown.at(-1)).toMatchObject({
      record: { userId: 'bob', traits: { lifetime_value: 7 } },
    })
  })

  it('goes on where it was, sees what came meanwhile, and of one user if it likes', async () => {
    const first = look(serving, entry('accepted'), { headers: TOKEN })
    await later(() => serving.post('/segment', value('cyd', 1)))
    const seen = (await first).at(-1)?.id ?? ''
    await serving.post('/segment', value('dot', 1))
    const again = await look(serving, (event) => event.type === 'entry', {
      headers: { ...TOKEN, 'last-event-id': String(Number(seen) - 1) },
    })
    const one = look(serving, entry('accepted'), { query: '?user=eve', headers: TOKEN })
    await later(async () => {
      await serving.post('/segment', `[${value('fay', 1)},${value('eve', 1)},${value('gus', 1)}]`)
    })

    expect(again.find(({ type }) => type === 'entry')?.id).toBe(seen)
    const users = (await one).filter(({ type }) => type === 'entry').map(({ data }) => data['user'])
    expect(new Set(users)).toEqual(new Set(['…']))
  })

  it('sees why a value could not be used', async () => {
    const looking = look(serving, entry('rejected'), { headers: TOKEN })
    await later(() => serving.post('/segment', value('hal', 'many')))
    const last = (await looking).at(-1)

    expect(last?.data['rejected']).toMatchObject([{ code: 'CAST_NUMBER' }])
  })
})

describe('the desk is shown', () => {
  const status = async (at: Serving, path: string, headers: Record<string, string> = {}) =>
    (await at.get(path, headers)).status

  it('where there is a token, to those who have it', async () => {
    const basic = `Basic ${Buffer.from('me:look-here').toString('base64')}`

    for (const path of ['/debug', '/debug/page.js', '/debug/events', '/metrics']) {
      expect([path, await status(serving, path)]).toEqual([path, 401])
      expect(await status(serving, path, { authorization: 'Bearer other' })).toBe(401)
    }
    expect(await status(serving, '/debug', { authorization: basic })).toBe(200)
    expect(await status(serving, '/metrics', TOKEN)).toBe(200)
    expect(await status(serving, '/readyz')).toBe(200)
    expect(await status(serving, '/livez')).toBe(200)
  })

  it('else on this machine alone, under its own name, and not through a proxy', async () => {
    expect(await status(open, '/debug')).toBe(200)
    expect(await status(open, '/debug', { 'x-forwarded-for': '127.0.0.1' })).toBe(403)
    expect(await status(open, '/debug/events?values=1')).toBe(403)
    const rebound = await new Promise<number>((resolve) => {
      void import('node:http').then(({ get }) =>
        get(`${open.url}/debug`, { headers: { host: 'evil.example' } }, ({ statusCode }) =>
          resolve(statusCode ?? 0),
        ),
      )
    })
    expect(rebound).toBe(403)
  })
})

it('counts what came and went, as OpenMetrics has it', async () => {
  await open.post('/segment', value('ida', 1))
  await open.post('/segment', 'nonsense')
  let text = ''
  for (let tries = 0; tries < 100 && !text.includes('records_total{class="changed"} 1'); tries++) {
    text = await (await open.get('/metrics')).text()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }

  const looking = look(open, entry('accepted'))
  await later(() => open.post('/segment', value('jed', 1)))
  const ids = (await looking).filter(({ type }) => type === 'entry').map(({ data }) => data['id'])

  // Nothing was collected while nobody looked.
  expect(new Set(ids)).toEqual(new Set([1]))
  expect(text).toMatch(/^# TYPE engage_sync_http_requests counter$/m)
  expect(text).toContain('engage_sync_http_requests_total{source="engage",status="200"} 1\n')
  expect(text).toContain('engage_sync_http_requests_total{source="engage",status="400"} 1\n')
  expect(text).toContain('engage_sync_received_records_total{source="engage"} 1\n')
  expect(text).toContain('engage_sync_records_total{class="changed"} 1\n')
  expect(text).toContain('engage_sync_windows_total 1\n')
  expect(text).toContain('engage_sync_end_to_end_seconds_bucket{le="+Inf"} 1\n')
  expect(text).toMatch(/^engage_sync_source_silent\{source="engage"\} 0$/m)
  expect(text).toContain('engage_sync_state{state="running"} 1\n')
  expect(text.endsWith('# EOF\n')).toBe(true)
  for (const line of text.split('\n').filter((each) => each !== '' && !each.startsWith('#')))
    expect(line).toMatch(/^[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+$/)
})

/** Once who looks is there. */
async function later(act: () => Promise<unknown>): Promise<void> {
  await looks.promise
  await act()
}

const browserPath = findBrowser()
const left = browserPath === null ? ` (left out: ${HOW_TO_GET_A_BROWSER})` : ''
it.skipIf(browserPath === null)(`shows all of it in a browser${left}`, async () => {
  const browser = await chromium.launch({
    executablePath: browserPath ?? '',
    args: [...BROWSER_ARGUMENTS],
  })
  try {
    const page = await browser.newPage({
      httpCredentials: { username: 'me', password: 'look-here' },
    })
    const problems: string[] = []
    page.on('console', (message) => problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(`${serving.url}/debug`)
    await page.locator('#connection', { hasText: 'live' }).waitFor()
    await serving.post('/segment', value('shopper-jay', 5))
    await serving.post('/segment', value('<img src=x onerror=alert(1)>', 6))
    const accepted = page.locator('details.entry', { hasText: 'accepted' })
    await accepted.nth(1).waitFor()
    await accepted.last().locator('summary').first().click()
    await page.locator('.steps', { hasText: 'configs/shoppers.yaml:5' }).waitFor()
    await page.locator('#values').check()
    await page.locator('#connection', { hasText: 'live' }).waitFor()
    await serving.post('/segment', value('shopper-kim', 8))
    await page.locator('details.entry', { hasText: 'shopper-kim' }).waitFor()
    await serving.post('/segment', audienceLine('shopper-kim', LONG, true).trim())
    const long = page.locator('details.entry', { hasText: LONG })
    await long.locator('summary').first().click()
    await long.locator('.steps', { hasText: `shoppers:audiences.${LONG}` }).waitFor()

    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const width of [1200, 360]) {
        await page.setViewportSize({ width, height: 800 })
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      }
    }
    const chart = page.locator('.member', { hasText: 'shoppers:audiences.vip' })
    await chart.locator('.now', { hasText: '0' }).waitFor()
    await page.locator('#outcome').selectOption('refused')
    await page.locator('.empty', { hasText: 'Nothing fits' }).waitFor()
    expect(problems).toEqual([])
    const bare = await browser.newPage({
      bypassCSP: true,
      httpCredentials: { username: 'me', password: 'look-here' },
    })
    await bare.goto(`${serving.url}/debug`)
    await bare.locator('#connection', { hasText: 'live' }).waitFor()
    expect(await accessibilityFaults(bare)).toEqual([])
  } finally {
    await browser.close()
  }
})
