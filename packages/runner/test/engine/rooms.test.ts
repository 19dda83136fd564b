import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const ENGINE = join(import.meta.dirname, '../../src/engine')

/**
 * Each room may import those before it, by their index; the flow itself (`run.ts`, `plan.ts` and
 * what they are made of) all of them; `stream` repeats the flow, and stands above it; `fleet` has
 * several of it, and `parts` does a run by several.
 */
const ROOMS = [
  'request',
  'mappings',
  'partitions',
  'durable',
  'guards',
  'dead-letters',
  'aliases',
  'deferred',
  'retry',
  'privacy',
  'reading',
  'delivery',
  'inspect',
  'holdings',
  '',
  'stream',
  'fleet',
  'parts',
]

/** The rooms of `stream`, by the same rules. */
const STREAM_ROOMS = ['terms', 'feeding', 'status', 'waiting', 'guarding', 'session', 'window', '']

interface Import {
  readonly from: string
  readonly to: string
}

/** Imports between the files of a folder, types included, as paths within it. */
function importsOf(folder: string): readonly Import[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((from) => {
      const text = readFileSync(join(folder, from), 'utf8')
      const specifiers = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(
        ([, specifier]) => specifier,
      )
      const targets = specifiers.map((specifier) =>
        relative(folder, join(folder, dirname(from), specifier)),
      )
      return targets.filter((to) => !to.startsWith('..')).map((to) => ({ from, to }))
    })
}

function roomOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : ''
}

describe.each([
  { of: 'the engine', folder: ENGINE, names: ROOMS, least: 50 },
  { of: 'the stream', folder: join(ENGINE, 'stream'), names: STREAM_ROOMS, least: 20 },
])('the rooms of $of', ({ folder, names, least }) => {
  const between = importsOf(folder).filter(({ from, to }) => roomOf(from) !== roomOf(to))

  it('are all in the list, and each says in its index what lives there', () => {
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    )

    expect(folders.map(({ name }) => name).sort()).toEqual(
      names.filter((room) => room !== '').sort(),
    )
    for (const { name } of folders)
      expect(readFileSync(join(folder, name, 'index.ts'), 'utf8'), name).toMatch(/^\/\*\*\n \* /)
  })

  it('import one way, types included', () => {
    const backwards = between.filter(
      ({ from, to }) => names.indexOf(roomOf(from)) <= names.indexOf(roomOf(to)),
    )

    expect(backwards).toEqual([])
  })

  it('are entered by their index', () => {
    const around = between.filter(
      ({ from, to }) => roomOf(from) !== '' && roomOf(to) !== '' && !to.endsWith('/index.ts'),
    )

    expect(around).toEqual([])
  })

  it('find something to hold', () => {
    expect(between.length).toBeGreaterThan(least)
  })
})
