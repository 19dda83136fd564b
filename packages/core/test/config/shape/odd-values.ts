import fc from 'fast-check'
import { kindOfFile } from '../../../src/config/document/file-kind.ts'
import { parseConfig } from '../../../src/config/document/parse.ts'
import { readFixtures } from '../fixtures.ts'

const samples = [...readFixtures('valid'), ...readFixtures('invalid')].flatMap(({ name, files }) =>
  files.map(({ path, text }) => ({
    name: `${name} ${path}`,
    kind: kindOfFile(path),
    value: parseConfig(path, text).value,
  })),
)

/** The value of every file of the fixtures that is YAML, right or wrong. */
export const READABLE = samples.filter(({ value }) => value !== undefined)

/** Values that many places of a configuration do not take. */
export function odd() {
  return fc.oneof(
    fc.constantFrom<unknown>(
      '',
      'a',
      '20%',
      '5s',
      0,
      1,
      -1,
      1.5,
      2,
      100,
      null,
      true,
      false,
      [],
      {},
      { trait: 'ltv' },
      { attribute: '' },
      [''],
      'string',
      '😀',
    ),
    fc.jsonValue({ maxDepth: 2 }),
  )
}

/** The value with its n-th part, counted depth first, replaced. */
export function replacePart(value: unknown, at: number, part: unknown): unknown {
  const total = count(value)
  let left = at % total
  const walk = (node: unknown): unknown => {
    if (left-- === 0) return part
    if (Array.isArray(node)) return node.map(walk)
    if (typeof node === 'object' && node !== null)
      return Object.fromEntries(Object.entries(node).map(([key, member]) => [key, walk(member)]))
    return node
  }
  return walk(value)
}

function count(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return 1 + Object.values(value).reduce((sum: number, member) => sum + count(member), 0)
}
