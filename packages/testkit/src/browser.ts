import { existsSync } from 'node:fs'

const CANDIDATES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** How to have one, for the title of tests that are left out without it. */
export const HOW_TO_GET_A_BROWSER =
  'install one with `apt-get install chromium`, or name one in CHROMIUM_PATH'

/** Arguments for a browser that talks to nobody but the page, as root too. */
export const BROWSER_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Path of a Chromium for tests of pages, or null where there is none: then such tests are left out.
 *
 * @throws when there is none in CI, where none may be left out
 */
export function findBrowser(env: NodeJS.ProcessEnv = process.env): string | null {
  const { CHROMIUM_PATH: named } = env
  const found = (named === undefined || named === '' ? CANDIDATES : [named]).find((path) =>
    existsSync(path),
  )
  if (found === undefined && env['CI'] === 'true')
    throw new Error(`Tests of pages need a Chromium: ${HOW_TO_GET_A_BROWSER}`)
  return found ?? null
}
