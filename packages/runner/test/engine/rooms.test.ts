import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const ENGINE = join(import.meta.dirname, '../../src/engine')

/**
 * Each room may import those before it, by their index; the flow itself (`run.ts`, `plan.ts` and
 * what they are made of) all of them; `stream` repeats the flow, and stands above it.
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
  '',
  'stream',
]

interface Import {
  readonly from: string
  readonly to: string
}

/** Imports between the engine's files, types included, as paths within the engine. */
const imports: readonly Import[] = readdirSync(ENGINE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((from) => {
    const text = readFileSync(join(ENGINE, from), 'utf8')
    const specifiers = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(
      ([, specifier]) => specifier,
    )
    const targets = specifiers.map((specifier) =>
      relative(ENGINE, join(ENGINE, dirname(from), specifier)),
    )
    return targets.filter((to) => !to.startsWith('..')).map((to) => ({ from, to }))
  })

function roomOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : ''
}

const between = imports.filter(({ from, to }) => roomOf(from) !== roomOf(to))

describe('the rooms of the engine', () => {
  it('are all in the list, and each says in its index what lives there', () => {
    const folders = readdirSync(ENGINE, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    )

    expect(folders.map(({ name }) => name).sort()).toEqual(
      ROOMS.filter((room) => room !== '').sort(),
    )
    for (const { name } of folders)
      expect(readFileSync(join(ENGINE, name, 'index.ts'), 'utf8'), name).toMatch(/^\/\*\*\n \* /)
  })

  it('import one way, types included', () => {
    const backwards = between.filter(
      ({ from, to }) => ROOMS.indexOf(roomOf(from)) <= ROOMS.indexOf(roomOf(to)),
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
    expect(between.length).toBeGreaterThan(50)
  })
})
