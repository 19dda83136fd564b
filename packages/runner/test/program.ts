import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const PACKAGES = join(import.meta.dirname, '../..')
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

/** A file that the bundle was made of: the record of what was compiled of one package. */
interface MadeOf {
  /** From the bundle. */
  readonly path: string
  readonly hash: string
}

/** Whether the bundle was made of what is compiled, and that of the sources as they are. */
export function isFresh(): boolean {
  const record = join(BUNDLE, 'made-of.json')
  if (!existsSync(record)) return false
  const madeOf = JSON.parse(readFileSync(record, 'utf8')) as readonly MadeOf[]
  return madeOf.every(({ path, hash }) => {
    const compiled = resolve(BUNDLE, path)
    if (!existsSync(compiled) || hashOf(compiled) !== hash) return false
    return newestIn(join(dirname(compiled), '../src')) < statSync(compiled).mtimeMs
  })
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

function newestIn(directory: string): number {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return Math.max(...files.map((file) => statSync(join(directory, file)).mtimeMs))
}
