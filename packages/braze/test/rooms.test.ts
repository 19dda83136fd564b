import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

/** The rooms from the top down: one may ask those below it, through their index, and none above. */
const ROOMS = [
  'destination',
  'client',
  'cohorts',
  'users',
  'delivery',
  'packing',
  'identity',
  'answers',
  'exchange',
  'pace',
  'hooks',
  'transport',
  'time',
  'api',
]
/** Files beside the rooms that all of them may read; they read none. */
const GROUND = ['errors.ts', 'limits.ts']

const files = globSync('**/*.ts', { cwd: SRC })
const roomOf = (file: string) => dirname(file)

/** Relative imports of a file, types too, as paths from src. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(SRC, file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/gu)].map(([, to]) =>
    join(dirname(file), to),
  )
}

const arrows = files.flatMap((from) => importsOf(from).map((to) => ({ from, to })))

/** Whether an import keeps the plan of the house. */
function isAllowed({ from, to }: { readonly from: string; readonly to: string }): boolean {
  if (from === 'index.ts') return to.endsWith('/index.ts') || GROUND.includes(to)
  if (roomOf(from) === roomOf(to)) return !to.endsWith('index.ts')
  if (GROUND.includes(to)) return !GROUND.includes(from)
  return to.endsWith('/index.ts') && ROOMS.indexOf(roomOf(from)) < ROOMS.indexOf(roomOf(to))
}

describe('the rooms of the package', () => {
  it('are the ones there are', () => {
    const found = new Set(files.map(roomOf).filter((room) => room !== '.'))

    expect([...found].toSorted()).toEqual(ROOMS.toSorted())
    expect(files.filter((file) => roomOf(file) === '.').toSorted()).toEqual(
      [...GROUND, 'index.ts'].toSorted(),
    )
  })

  it.each(ROOMS)('%s has an index that says what lives there', (room) => {
    expect(readFileSync(join(SRC, room, 'index.ts'), 'utf8')).toMatch(/^\/\*\*\s(?: \* )?.{20,}/u)
  })

  it('ask only those below them, through their index', () => {
    expect(arrows.length).toBeGreaterThan(100)
    expect(arrows.filter((arrow) => !isAllowed(arrow))).toEqual([])
  })

  it('hold no circle of files', () => {
    const open = new Map(files.map((file) => [file, importsOf(file)]))
    for (let before = -1; before !== open.size;) {
      before = open.size
      for (const [file, to] of open) if (!to.some((each) => open.has(each))) open.delete(file)
    }

    expect([...open.keys()]).toEqual([])
  })
})
