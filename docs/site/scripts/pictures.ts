/*
 * Makes the pictures of the README anew: the comment with a plan, and the page of a run, light and dark, of the example
 * configuration. Both are what the command really prints; the comment is drawn as GitHub would, at its width.
 *
 * Needs a built checkout and a Chromium. Works in a temporary directory.
 */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { createMarkdownRenderer } from 'vitepress'
import {
  BROWSER_ARGUMENTS,
  findBrowser,
  HOW_TO_GET_A_BROWSER,
} from '../../../packages/testkit/src/browser.ts'

const ROOT = join(import.meta.dirname, '../../..')
const IMAGES = join(ROOT, 'docs/images')
const COMMAND = join(ROOT, 'packages/runner/bin/engage-sync.js')
const AUTHOR = [
  '-c',
  'user.name=a',
  '-c',
  'user.email=a@example.com',
  '-c',
  'init.defaultBranch=main',
]

/** What GitHub's pages look like, as far as a comment shows it. */
const STYLE = `
:root { color-scheme: light dark; --fg: #1f2328; --bg: #ffffff; --line: #d1d9e0; --soft: #f6f8fa; --pale: #59636e; --note: #8250df; --link: #0969da }
@media (prefers-color-scheme: dark) { :root { --fg: #f0f6fc; --bg: #0d1117; --line: #3d444d; --soft: #151b23; --pale: #9198a1; --note: #ab7df8; --link: #4493f8 } }
body { margin: 0; background: var(--bg); color: var(--fg); font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif }
body { display: flow-root }
article { margin: 15px; padding: 15px; border: 1px solid var(--line); border-radius: 6px }
article > :last-child { margin-bottom: 0 }
h3 { font-size: 1.25em; margin: 0 0 16px }
.header-anchor, .copy, .lang { display: none }
table { border-collapse: collapse; margin: 0 0 16px; display: block; overflow: auto }
th, td { border: 1px solid var(--line); padding: 6px 13px }
tr:nth-child(2n) td { background: var(--soft) }
code { font: 85% ui-monospace, "DejaVu Sans Mono", monospace; background: var(--soft); padding: 0.2em 0.4em; border-radius: 6px }
.custom-block { border-left: 4px solid var(--note); padding: 0 16px; margin-bottom: 16px }
.custom-block-title { color: var(--note); font-weight: 500; text-transform: capitalize }
ul { padding-left: 2em } li:has(> input, > p > input) { list-style: none; margin-left: -1.4em }
details { margin-bottom: 16px } sub { color: var(--pale) }
`

const directory = mkdtempSync(join(tmpdir(), 'engage-sync-pictures-'))
try {
  takeDays()
  const comment = await asOnGitHub(planOfBranch())
  await draw('plan-comment', { html: comment, width: 800, height: 760 })
  sync('run')
  sync('report', '3', '--out', 'run.html')
  const report = readFileSync(join(directory, 'run.html'), 'utf8')
  await draw('report', { html: report, width: 1100, height: 900 })
} finally {
  rmSync(directory, { recursive: true, force: true })
}

/** A run a day, so that the page has something to compare with. */
function takeDays(): void {
  cpSync(join(ROOT, 'configs'), join(directory, 'configs'), { recursive: true })
  writeFileSync(join(directory, '.gitignore'), 'data\n.engage-sync\n')
  git('init')
  git('add', '-A')
  git('commit', '-m', 'the example')
  for (const day of readdirSync(join(ROOT, 'data/engage')).sort()) {
    mkdirSync(join(directory, 'data/engage'), { recursive: true })
    cpSync(join(ROOT, 'data/engage', day), join(directory, 'data/engage', day), { recursive: true })
    sync('run')
  }
}

/** The Markdown of the plan that the README tells of: scarves count beside sweaters. */
function planOfBranch(): string {
  const path = join(directory, 'configs/shoppers.yaml')
  const before = readFileSync(path, 'utf8')
  writeFileSync(path, before.replaceAll(/matches: sweater\b/g, 'matches: sweater|scarf'))
  return sync('plan', '--base', 'main', '--format', 'markdown')
}

/** Runs the real command; 1 says that some records of the example are rejected, as they should be. */
function sync(...words: readonly string[]): string {
  try {
    return execFileSync(process.execPath, [COMMAND, ...words, '--env', 'local'], {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch (error) {
    const { status, stdout } = error as { readonly status: number; readonly stdout: string }
    if (status !== 1) throw error
    return stdout
  }
}

function git(...words: readonly string[]): void {
  execFileSync('git', [...AUTHOR, ...words], { cwd: directory, stdio: 'ignore' })
}

async function asOnGitHub(markdown: string): Promise<string> {
  const renderer = await createMarkdownRenderer(directory)
  const boxes = markdown.replaceAll('- [ ] ', '- <input type="checkbox" disabled> ')
  const html = renderer.render(boxes, {}).replace('IMPORTANT</p>', 'Important</p>')
  return `<!doctype html><style>${STYLE}</style><article>${html}</article>`
}

async function draw(
  name: string,
  {
    html,
    width,
    height,
  }: { readonly html: string; readonly width: number; readonly height: number },
): Promise<void> {
  const executablePath = findBrowser()
  if (executablePath === null) throw new Error(`No browser here: ${HOW_TO_GET_A_BROWSER}`)
  const browser = await chromium.launch({ executablePath, args: BROWSER_ARGUMENTS })
  mkdirSync(IMAGES, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({
      viewport: { width, height },
      colorScheme,
      deviceScaleFactor: 1.5,
    })
    await page.setContent(html)
    const tall = Number(
      await page.evaluate('Math.ceil(document.body.getBoundingClientRect().height)'),
    )
    const clip = { x: 0, y: 0, width, height: Math.min(tall, height) }
    const suffix = colorScheme === 'dark' ? '-dark' : ''
    await page.screenshot({ path: join(IMAGES, `${name}${suffix}.png`), clip, fullPage: true })
  }
  await browser.close()
}
