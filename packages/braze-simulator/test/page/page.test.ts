import {
  accessibilityFaults,
  BROWSER_ARGUMENTS,
  findBrowser,
  HOW_TO_GET_A_BROWSER,
} from '@engage-sync/testkit'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startSimulator } from '../../src/index.ts'
import type { Simulator } from '../../src/index.ts'
import { track } from '../spawned.ts'

const browserPath = findBrowser()
const PARTS = [
  'page.css',
  'page.js',
  'panels.js',
  'details.js',
  'read.js',
  'elements.js',
  'charts.js',
  'history.js',
]

describe('the page over HTTP', () => {
  it('loads from its own server alone', async () => {
    const simulator = await startSimulator()
    const answer = await fetch(simulator.url)
    const parts = await Promise.all(
      PARTS.map((name) => fetch(`${simulator.url}/simulator/${name}`)),
    )
    const texts = await Promise.all([answer, ...parts].map((part) => part.text()))
    await simulator.close()

    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'/,
    )
    expect(parts.map(({ status }) => status)).toEqual(PARTS.map(() => 200))
    expect(texts.join('').replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\//)
  })
})

const left = browserPath === null ? ` (left out: ${HOW_TO_GET_A_BROWSER})` : ''
describe.skipIf(browserPath === null)(`the page in a browser${left}`, () => {
  let browser: Browser
  let simulator: Simulator
  let page: Page
  let problems: string[]

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: browserPath!, args: [...BROWSER_ARGUMENTS] })
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
    page = await browser.newPage()
    problems = []
    page.on('console', (message) => problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(simulator.url)
    await page.getByText('live', { exact: true }).waitFor()
  })
  afterEach(async () => {
    await page.close()
    await simulator.close()
    expect(problems).toEqual([])
  })

  it('shows users as they arrive, and one in full', async () => {
    await page.getByText('No profiles yet').waitFor()
    await track(simulator.url, {
      attributes: [
        { external_id: 'ada', plan: 'gold' },
        { external_id: '<img src=x onerror=alert(1)>', plan: '<b>bold</b>' },
      ],
      events: [{ external_id: 'ada', name: 'Trait Computed', time: '2026-03-01' }],
    })

    await page.getByRole('button', { name: 'ada' }).click()

    const detail = page.locator('#detail')
    await detail.getByRole('heading', { name: 'ada' }).waitFor()
    expect(await detail.innerText()).toMatch(/plan\s+gold[\s\S]*Trait Computed/)
    await page.getByRole('button', { name: '<img src=x onerror=alert(1)>' }).click()
    await detail.getByText('<b>bold</b>').waitFor()
    await page.keyboard.press('Escape')
    await detail.waitFor({ state: 'hidden' })
  })

  it('shows requests, points and drops', async () => {
    await track(simulator.url, {
      attributes: [{ external_id: 'ada', plan: 'gold', bio: 'x'.repeat(256) }],
    })
    await track(simulator.url, {})

    await page.getByRole('tab', { name: 'Requests' }).click()
    await page.getByRole('cell', { name: '400' }).waitFor()
    await page.getByRole('button', { name: '1', exact: true }).click()
    await page.locator('#detail pre').getByText('"plan": "gold"').waitFor()
    await page.getByRole('tab', { name: 'Data points' }).click()
    await page.getByText('Custom attributes').first().waitFor()
    await page.getByRole('tab', { name: 'Drop log' }).click()
    await page.getByRole('heading', { name: '1 string too long' }).waitFor()
    await page.getByText('A text has more than 255 characters').waitFor()
    await page.getByText('bio × 1').waitFor()
    const drops = page.locator('[data-tile=drops] .value')
    await drops.getByText('1', { exact: true }).waitFor()

    expect(await drops.innerText()).toBe('1')
  })

  it('shows the latest run before and after, with the cohorts it changed', async () => {
    await track(simulator.url, { attributes: [{ external_id: 'ada', plan: 'gold' }] })
    const secrets = {
      partner_api_key: 'simulator',
      client_secret: 'simulator',
      cohort_id: 'engage-sync:shoppers:vip',
    }
    const partner = (path: string, body: object) =>
      fetch(`${simulator.url}/partners/simulator/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...secrets, ...body }),
      })
    await partner('cohorts', { name: 'VIPs', created_at: '2026-03-01' })
    await partner('cohorts/users', { cohort_changes: [{ user_ids: ['ada'] }] })

    const run = page.locator('#run')
    await run.getByText('VIPs').waitFor()
    expect(await run.innerText()).toMatch(
      /Latest run[\s\S]*Users\s+1\s+\+1 from 0[\s\S]*VIPs\s+1\s+\+1 from 0/,
    )
    await page.getByRole('tab', { name: 'Cohorts' }).click()
    await page.getByRole('cell', { name: 'shoppers', exact: true }).waitFor()
    expect(await page.locator('.bars').innerText()).toMatch(/shoppers\s+1/)
  })

  it('shows what came over time, one series at a time', async () => {
    await track(simulator.url, {
      attributes: [{ external_id: 'ada', plan: 'gold', bio: 'x'.repeat(256) }],
    })
    const chart = page.locator('#time')
    await chart.getByRole('img', { name: 'requests over time, at most 1 in a second' }).waitFor()

    await chart.getByRole('button', { name: 'Data points' }).click()

    await chart.getByRole('img', { name: 'data points over time, at most 1 in a second' }).waitFor()
    expect(await chart.locator('rect').count()).toBe(1)
  })

  it('leaves a detail closed whose tab was left before it came', async () => {
    await track(simulator.url, { attributes: [{ external_id: 'ada', plan: 'gold' }] })
    const held = Promise.withResolvers<() => Promise<void>>()
    await page.route('**/simulator/users/ada', (route) => held.resolve(() => route.continue()))
    await page.getByRole('button', { name: 'ada' }).click()
    const release = await held.promise

    await page.getByRole('tab', { name: 'Cohorts' }).click()
    const answered = page.waitForResponse('**/simulator/users/ada')
    await release()
    await (await answered).finished()
    await page.getByText('No cohorts yet').waitFor()

    expect(await page.locator('#detail').isHidden()).toBe(true)
  })

  it('finds a user, and moves between tabs by keyboard', async () => {
    await track(simulator.url, {
      attributes: ['ada', 'grace'].map((id) => ({ external_id: id, n: 1 })),
    })
    await page.getByRole('button', { name: 'grace' }).waitFor()

    await page.getByRole('searchbox').fill('ada')
    await page.getByRole('button', { name: 'grace' }).waitFor({ state: 'hidden' })
    await page.getByRole('tab', { name: 'Users' }).press('ArrowRight')

    await page.getByText('No cohorts yet').waitFor()
    expect(await page.getByRole('tab', { name: 'Cohorts' }).getAttribute('aria-selected')).toBe(
      'true',
    )
  })

  it('is for everybody, whatever it shows', async () => {
    await track(simulator.url, {
      attributes: [{ external_id: 'ada', plan: 'gold', bio: 'x'.repeat(256) }],
    })
    await page.locator('#time svg').waitFor()
    for (const [tab, colorScheme] of [
      ['Users', 'light'],
      ['Requests', 'dark'],
      ['Data points', 'light'],
      ['Drop log', 'dark'],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await page.getByRole('tab', { name: tab }).click()
      await page.locator('#panel table').first().waitFor()
      expect(await accessibilityFaults(page)).toEqual([])
    }
    await page.getByRole('tab', { name: 'Users' }).click()
    await page.getByRole('button', { name: 'ada' }).click()
    await page.locator('#detail').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it.each([
    ['light', 'rgb(246, 246, 248)'],
    ['dark', 'rgb(19, 19, 24)'],
  ] as const)('follows a %s screen, and fits a phone', async (colorScheme, colour) => {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width: 390, height: 800 })

    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(colour)
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  })
})
