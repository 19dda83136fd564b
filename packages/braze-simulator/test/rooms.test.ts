import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/** Rooms from the ground up: each may use those above it in this list, and none below. */
const ROOMS = [
  'values',
  'specification',
  'options',
  'model',
  'identity',
  'attributes',
  'track',
  'users',
  'cohorts',
  'engine',
  'filters',
  'store',
  'traffic',
  'endpoints',
  'page',
  'inspect',
  'http',
  'cli',
  '.',
]

const source = fileURLToPath(new URL('../src', import.meta.url))
const files = (readdirSync(source, { recursive: true }) as string[])
  .filter((file) => file.endsWith('.ts'))
  .toSorted()
const texts = new Map(files.map((file) => [file, readFileSync(join(source, file), 'utf8')]))

/** Files a file imports, types included, as paths within the sources. */
function importsOf(file: string): readonly string[] {
  const specifiers = [...texts.get(file)!.matchAll(/(?:from|import)\s*\(?'(\.[^']+\.ts)'/g)].map(
    ([, specifier]) => specifier,
  )
  return specifiers.map((specifier) => relative('.', join(dirname(file), specifier)))
}

describe('rooms', () => {
  it('are all in the list', () => {
    expect([...new Set(files.map((file) => dirname(file)))].toSorted()).toEqual(
      [...ROOMS].toSorted(),
    )
  })

  it.each(ROOMS.filter((room) => room !== '.'))('%s says what lives there', (room) => {
    expect(texts.get(join(room, 'index.ts'))).toMatch(/^\/\*\*[\s\S]{30,}?\*\/\nexport/)
  })

  it.each(files)('%s imports from the rooms below alone, through their doors', (file) => {
    const wrong = importsOf(file).filter((target) => {
      const [own, other] = [dirname(file), dirname(target)]
      if (own === other) return own !== '.' && target.endsWith('index.ts')
      return ROOMS.indexOf(other) >= ROOMS.indexOf(own) || target !== join(other, 'index.ts')
    })

    expect(wrong).toEqual([])
  })

  it('have no circles, types included', () => {
    const done = new Set<string>()
    const visit = (file: string, path: readonly string[]): readonly string[] => {
      if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(' → ')]
      if (done.has(file)) return []
      const found = importsOf(file).flatMap((target) => visit(target, [...path, file]))
      done.add(file)
      return found
    }

    expect(files.flatMap((file) => visit(file, []))).toEqual([])
  })
})
