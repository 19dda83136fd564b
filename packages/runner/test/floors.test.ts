import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const SRC = join(import.meta.dirname, '../src')

/** The rooms from the roof down, as the table beside them has it. */
const FLOORS = [
  ...readFileSync(join(SRC, 'README.md'), 'utf8').matchAll(/^\| `([^`]+)` +\|/gm),
].map(([, room]) => room!)

const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
)

/** Rooms within the engine are told apart by its own tests. */
function roomOf(file: string): string {
  const room = dirname(file)
  return room.split('/')[0] === 'engine' ? 'engine' : room
}

/** Files of this package that a file imports, types and lazy imports included. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(SRC, file), 'utf8')
  const specifiers = [...text.matchAll(/(?:from |import\(|import )'(\.[^']+)'/g)].map(
    ([, specifier]) => specifier!,
  )
  return specifiers.map((specifier) => relative(SRC, join(SRC, dirname(file), specifier)))
}

describe('the floors of the runner', () => {
  it('are told by the table, each room once, and nothing else', () => {
    expect([...FLOORS].toSorted()).toEqual([...new Set(FILES.map(roomOf))].toSorted())
  })

  it('are imported downwards only', () => {
    const climbs = FILES.flatMap((file) =>
      importsOf(file)
        .filter((target) => FLOORS.indexOf(roomOf(target)) < FLOORS.indexOf(roomOf(file)))
        .map((target) => `${file} climbs to ${target}`),
    )

    expect(climbs).toEqual([])
  })

  it('hold no circle of files', () => {
    expect(circles(FILES)).toEqual([])
  })
})

/** Files that import themselves, by way of others. */
function circles(files: readonly string[]): readonly string[] {
  const reachable = new Map<string, Set<string>>()
  const reach = (file: string): Set<string> => {
    const known = reachable.get(file)
    if (known !== undefined) return known
    const found = new Set<string>()
    reachable.set(file, found)
    for (const target of importsOf(file)) {
      found.add(target)
      for (const further of reach(target)) found.add(further)
    }
    return found
  }
  return files.filter((file) => reach(file).has(file))
}
