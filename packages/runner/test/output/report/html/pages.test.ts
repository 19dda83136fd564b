import {
  accessibilityFaults,
  BROWSER_ARGUMENTS,
  findBrowser,
  HOW_TO_GET_A_BROWSER,
} from '@engage-sync/testkit'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PAGES } from './samples.ts'

describe.each(Object.entries(PAGES))('the page of %s', (_, page) => {
  it('is one file: it loads nothing, runs nothing', () => {
    expect(page).toContain(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;`)
    expect(page).not.toMatch(/<script|<link|<img|src=|url\(|@import/)
  })
})

const browserPath = findBrowser()
const left = browserPath === null ? ` (left out: ${HOW_TO_GET_A_BROWSER})` : ''
describe.skipIf(browserPath === null)(`pages in a browser${left}`, () => {
  let browser: Browser
  let page: Page
  const problems: string[] = []

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: browserPath ?? '',
      args: [...BROWSER_ARGUMENTS],
    })
    page = await browser.newPage()
    page.on('console', (message) => problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(error.message))
  })
  afterAll(() => browser.close())

  it.each(Object.entries(PAGES))('shows %s to everybody, on every screen', async (_, text) => {
    problems.length = 0
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 1200, height: 800 })
    await page.setContent(text)
    expect(await accessibilityFaults(page)).toEqual([])

    await page.emulateMedia({ colorScheme: 'dark' })
    await page.setViewportSize({ width: 360, height: 800 })
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(problems).toEqual([])
  })

  it('shows folded parts on paper', async () => {
    await page.setContent(PAGES['a run'] ?? '')
    const inside = page.locator('details .legend').first()
    expect(await inside.isVisible()).toBe(false)

    await page.emulateMedia({ media: 'print' })

    expect(await inside.isVisible()).toBe(true)
    await page.emulateMedia({ media: 'screen' })
  })
})
