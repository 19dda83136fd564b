/*
 * Looks at the built site in a browser: that axe finds nothing on its pages, light and dark; that no page is wider than
 * a phone; that no link leads nowhere; and that the search finds what people ask.
 *
 * Ends with 1 and a line for each fault. Needs a Chromium.
 */
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import { accessibilityFaults } from '../../../packages/testkit/src/accessibility.ts'
import {
  BROWSER_ARGUMENTS,
  findBrowser,
  HOW_TO_GET_A_BROWSER,
} from '../../../packages/testkit/src/browser.ts'
import { QUESTIONS } from './questions.ts'
import { deadLinks } from './links.ts'
import { BASE, DIST, serveSite } from './serve.ts'

/** Of the reference, one page of each kind: the others are made by the same program. */
const OF_THE_REFERENCE = [
  'reference/',
  'reference/braze/',
  'reference/braze/functions/createBrazeDestination',
  'reference/braze/interfaces/BrazeClientOptions',
  'reference/contract/classes/SyncError',
]
/** What is shown where there is no page must be as good as any. */
const NO_PAGE = 'no-such-page'
/** The search shows so many hits without scrolling. */
const SEEN_HITS = 5

const executablePath = findBrowser()
if (executablePath === null) throw new Error(`No browser here: ${HOW_TO_GET_A_BROWSER}`)
const site = await serveSite()
const browser = await chromium.launch({ executablePath, args: BROWSER_ARGUMENTS })
const faults: string[] = [...deadLinks(BASE)]
/** Pages named in the arguments, else all. */
const named = process.argv.slice(2)
const pages = named.length > 0 ? named : ['', ...writtenPages(), ...OF_THE_REFERENCE, NO_PAGE]
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({
      colorScheme,
      reducedMotion: 'reduce',
      viewport: { width: 1400, height: 900 },
    })
    for (const path of pages) await lookAt(page, path, colorScheme)
    await page.close()
  }
  await lookAtPhone()
  await askSearch()
} finally {
  await browser.close()
  site.close()
}
say(`${pages.length} pages, ${QUESTIONS.length} questions: ${faults.length} faults`)
for (const [fault, where] of Map.groupBy(faults, (one) => one.slice(one.indexOf(': ') + 2)))
  say(`  ${where.length} × ${fault}\n      ${where[0]?.split(': ')[0]}`)
process.exitCode = faults.length === 0 ? 0 : 1

async function lookAt(page: Page, path: string, scheme: string): Promise<void> {
  const status = await open(page, path)
  if (status !== (path === NO_PAGE ? 404 : 200)) faults.push(`${path}: ${status}`)
  for (const fault of await accessibilityFaults(page)) faults.push(`${path} (${scheme}): ${fault}`)
}

/** Opens a page and waits until its program has started, which puts the name of the search right. */
async function open(page: Page, path: string): Promise<number | undefined> {
  const answer = await page.goto(`${site.url}${path}`)
  await page.waitForSelector('.DocSearch-Button:not([aria-label])', { state: 'attached' })
  return answer?.status()
}

/** A page that can be pushed sideways is hard to read; tables and code scroll by themselves. */
async function lookAtPhone(): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 380, height: 800 } })
  for (const path of pages) {
    await open(page, path)
    const width = await page.evaluate('document.documentElement.scrollWidth')
    if (Number(width) > 380) faults.push(`${path}: ${String(width)} wide on a phone of 380`)
  }
  await page.close()
}

async function askSearch(): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  await open(page, '')
  for (const { words, answers } of QUESTIONS) {
    await page.keyboard.press('Control+k')
    await page.fill('#localsearch-input', words)
    const hits = await hitsOf(page, answers)
    if (!answers.some((answer) => hits.includes(answer)))
      faults.push(`search "${words}": no answer in ${hits.join(', ') || 'no hits'}`)
    await page.keyboard.press('Escape')
    await page.waitForSelector('#localsearch-input', { state: 'detached' })
  }
  await page.close()
}

/** The first hits, once an answer is among them or they no longer change. */
async function hitsOf(page: Page, answers: readonly string[]): Promise<readonly string[]> {
  let before = ''
  for (let look = 0; look < 20; look++) {
    await page.waitForTimeout(150)
    const all = (await page.evaluate(
      `[...document.querySelectorAll('.results a.result')].map(({ href }) => href)`,
    )) as readonly string[]
    const hits = all.slice(0, SEEN_HITS).map((href) => href.replace(site.url, ''))
    const isAnswered = answers.some((answer) => hits.includes(answer))
    if (isAnswered || (hits.join(' ') === before && look > 6)) return hits
    before = hits.join(' ')
  }
  return []
}

/** Every page that somebody wrote, as its address below the base. */
function writtenPages(): readonly string[] {
  return readdirSync(DIST, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.html') && !/^(assets|reference|404)/.test(file))
    .map((file) =>
      relative('.', join('.', file))
        .replace(/(^|\/)index\.html$/, '$1')
        .replace(/\.html$/, ''),
    )
    .filter((path) => path !== '')
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
