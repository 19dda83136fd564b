import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const SOURCES = join(import.meta.dirname, '..', 'src')

/** What each room may import, beside the ports that lie flat in src/; types, too. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  values: ['rows'],
  names: [],
  braze: ['values'],
  schema: ['braze', 'values'],
  model: ['braze', 'names', 'schema', 'values'],
  filter: ['braze', 'model', 'names', 'schema', 'values'],
  mapping: ['braze', 'filter', 'model', 'names', 'schema', 'values'],
  config: ['braze', 'filter', 'model', 'names', 'schema', 'values'],
  rows: [],
  fold: ['braze', 'filter', 'mapping', 'names', 'rows', 'values'],
  plan: ['braze', 'fold', 'mapping', 'names', 'rows', 'values'],
  cases: [
    'braze',
    'config',
    'filter',
    'mapping',
    'model',
    'names',
    'plan',
    'rows',
    'schema',
    'values',
  ],
}

/** What Braze's requests and limits say in words and numbers of their own. */
const DIALECT =
  /_merge_objects|_update_existing_only'|subscription_(?:state|group_id)|\$(?:time|add|remove|update|new_object|identifier)|\b(?:255|236)\b/
/** What a byte holds at most is no limit of Braze's, and meanings of codes are told with numbers. */
const NO_DIALECT = ['rows/day-counts.ts', 'rows/pending/slot-life.ts', 'filter/pattern/regex.ts']

/** The order of the rooms inside config: each imports from those before it alone. */
const CONFIG_ROOMS = ['secrets', 'document', 'shape', 'normalise', 'rules', 'migrate']
/** Inside rows: memory and hashes below them, what is pending above. */
const ROWS_ROOMS = ['rows/memory', 'rows/hash', 'rows', 'rows/pending']

interface Import {
  readonly from: string
  readonly to: string
}

const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
)
const imports: readonly Import[] = files.flatMap((from) =>
  [...readFileSync(join(SOURCES, from), 'utf8').matchAll(/ from '(\.[^']+)'/g)].map(([, to]) => ({
    from,
    to: relative(SOURCES, join(SOURCES, dirname(from), to)),
  })),
)
const withoutComments = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
const tell = (found: readonly Import[]) => found.map(({ from, to }) => `${from} -> ${to}`)

describe('the rooms of core', () => {
  it.each(Object.entries(MAY_IMPORT))('%s imports from below alone', (room, below) => {
    const upwards = imports.filter(({ from, to }) => {
      const target = to.split('/')[0]
      return (
        from.startsWith(`${room}/`) &&
        to.includes('/') &&
        target !== room &&
        !below.includes(target)
      )
    })

    expect(tell(upwards)).toEqual([])
  })

  it('leave the dialect of Braze to one of them', () => {
    const elsewhere = files
      .filter((name) => !/^braze\/|generated\/|codes\.ts$/.test(name) && !NO_DIALECT.includes(name))
      .filter((name) => DIALECT.test(withoutComments(readFileSync(join(SOURCES, name), 'utf8'))))

    expect(elsewhere).toEqual([])
  })

  it('of config are gone through in order', () => {
    const roomOf = (path: string) =>
      path.startsWith('config/') ? CONFIG_ROOMS.indexOf(path.split('/')[1]) : -1
    const backwards = imports.filter(
      ({ from, to }) =>
        roomOf(from) >= 0 && (roomOf(to) > roomOf(from) || /^config\/[^/]+$/.test(to)),
    )

    expect(
      readdirSync(join(SOURCES, 'config'))
        .filter((name) => !name.includes('.'))
        .toSorted(),
    ).toEqual(CONFIG_ROOMS.toSorted())
    expect(tell(backwards)).toEqual([])
  })

  it('of rows lie one on the other', () => {
    const floorOf = (path: string) => ROWS_ROOMS.indexOf(dirname(path))
    const upwards = imports.filter(
      ({ from, to }) =>
        !from.endsWith('index.ts') && floorOf(from) >= 0 && floorOf(to) > floorOf(from),
    )

    expect(tell(upwards)).toEqual([])
  })

  it('each say in their index what lives there', () => {
    const rooms = [
      ...Object.keys(MAY_IMPORT),
      ...CONFIG_ROOMS.map((room) => `config/${room}`),
      'filter/pattern',
      ...ROWS_ROOMS,
    ]

    const silent = rooms.filter(
      (room) => !/^\/\*\n \* \S/.test(readFileSync(join(SOURCES, room, 'index.ts'), 'utf8')),
    )

    expect(silent).toEqual([])
  })
})
