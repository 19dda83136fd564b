import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const PACKAGES = join(import.meta.dirname, '../..')
const BUNDLED = ['contract', 'core', 'segment', 'braze', 'runner']
const BUNDLE = join(PACKAGES, 'runner/dist/bundle')

/** What Node needs to run a file of the sources. */
export const FROM_SOURCE = ['--conditions=engage-sync-source', '--no-warnings'] as const

/**
 * What comes before the arguments to start the real program.
 *
 * The bundle, which starts in half the time, if it was made of the sources as they are now; else
 * the sources.
 */
export const PROGRAM: readonly [string, ...string[]] = [
  process.execPath,
  ...(isFresh() ? [join(BUNDLE, 'bin.js')] : [...FROM_SOURCE, join(PACKAGES, 'runner/src/bin.ts')]),
]

function isFresh(): boolean {
  const made = join(BUNDLE, 'made-of.json')
  if (!existsSync(made)) return false
  const { mtimeMs } = statSync(made)
  return BUNDLED.every((name) => newestIn(join(PACKAGES, name, 'src')) < mtimeMs)
}

function newestIn(directory: string): number {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return Math.max(...files.map((file) => statSync(join(directory, file)).mtimeMs))
}
