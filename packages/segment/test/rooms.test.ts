import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'

const SRC = new URL('../src/', import.meta.url).pathname

/** Every room, and the rooms it may enter; types count. What is not listed here is no way. */
const MAY_ENTER: Readonly<Record<string, readonly string[]>> = {
  source: [],
  remote: ['source'],
  'decode/record': [],
  'decode/row': ['decode/record'],
  'decode/scan': ['decode/record', 'decode/row'],
  'decode/shape': ['decode/scan'],
  'decode/hot': ['decode/record', 'decode/row', 'decode/scan', 'decode/shape'],
  'decode/ahead': ['source', 'decode/row', 'decode/hot'],
  decode: ['decode/record', 'decode/hot', 'decode/ahead'],
  files: ['source', 'decode/record'],
  changes: ['decode'],
  spool: ['source', 'files'],
  s3: ['source', 'remote', 'files'],
  profiles: [],
  'profile-api': ['source', 'remote', 'profiles'],
  'profiles-sync': ['source', 'remote', 'profiles'],
  'public-api': ['remote'],
  webhook: ['decode/record', 'decode/scan'],
  'streams/messages': ['source', 'remote', 'files'],
  'streams/nats': ['source', 'remote', 'streams/messages'],
  'streams/kafka': ['source', 'remote', 'streams/messages'],
  'streams/postgres': ['source', 'remote', 'streams/messages'],
  testing: [],
}

const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)

/** An import of another file of this package; where it leads is relative to `src`. */
interface Arrow {
  readonly file: string
  readonly to: string
}

function arrowsOf(file: string): readonly Arrow[] {
  const text = readFileSync(join(SRC, file), 'utf8')
  return [...text.matchAll(/\b(?:from|import)\s*\(?'(\.[^']+)'/gu)].map(([, to]) => ({
    file,
    to: posix.join(posix.dirname(file), to),
  }))
}

const ARROWS = FILES.filter((file) => file !== 'index.ts').flatMap(arrowsOf)
const roomOf = (file: string): string => posix.dirname(file)

describe('rooms of the package', () => {
  it('are those of the table', () => {
    expect([...new Set(FILES.map(roomOf))].filter((room) => room !== '.').toSorted()).toEqual(
      Object.keys(MAY_ENTER).toSorted(),
    )
  })

  it('enter only the rooms they may', () => {
    const wrong = ARROWS.filter(
      ({ file, to }) =>
        roomOf(to) !== roomOf(file) && !MAY_ENTER[roomOf(file)].includes(roomOf(to)),
    )

    expect(wrong).toEqual([])
  })

  it('have no way that nobody goes, so that the table stays true', () => {
    const gone = new Set(ARROWS.map(({ file, to }) => `${roomOf(file)} → ${roomOf(to)}`))
    const ways = Object.entries(MAY_ENTER).flatMap(([from, rooms]) =>
      rooms.map((to) => `${from} → ${to}`),
    )

    expect(ways.filter((way) => !gone.has(way))).toEqual([])
  })

  it('are entered by their index', () => {
    const wrong = ARROWS.filter(
      ({ file, to }) => roomOf(to) !== roomOf(file) && posix.basename(to) !== 'index.ts',
    )

    expect(wrong).toEqual([])
  })

  it.each(Object.keys(MAY_ENTER))(
    '%s says what lives there, and its index holds no code',
    (room) => {
      const index = readFileSync(join(SRC, room, 'index.ts'), 'utf8')

      expect(index).toMatch(/^\/\*\*[\s\S]{20,}?\*\/\n/u)
      const code = index
        .replace(/^\/\*\*[\s\S]*?\*\/\n/u, '')
        .replaceAll(/^export (?:type )?\{[^}]*\} from '[^']+'\n/gmu, '')
      expect(code).toBe('')
    },
  )

  it('have no circle of files', () => {
    const left = new Map(
      FILES.map((file) => [
        file,
        new Set(ARROWS.filter((arrow) => arrow.file === file).map(({ to }) => to)),
      ]),
    )
    for (let ends = endsOf(left); ends.length > 0; ends = endsOf(left))
      for (const file of ends) left.delete(file)

    expect([...left.keys()]).toEqual([])
  })
})

describe('tests of the package', () => {
  it('lie where the file lies that they are about', () => {
    const tests = readdirSync(new URL('.', import.meta.url), {
      recursive: true,
      encoding: 'utf8',
    }).filter((file) => file.endsWith('.test.ts'))
    const strays = tests.filter(
      (file) => file.includes('/') && !isFile(join(SRC, file.replace('.test.ts', '.ts'))),
    )

    expect(strays).toEqual([])
  })
})

/** Files that import none of those left. */
function endsOf(left: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  return [...left].filter(([, to]) => ![...to].some((file) => left.has(file))).map(([file]) => file)
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
