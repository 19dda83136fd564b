import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kindOfFile } from '../../src/config/file-kind.ts'
import { surelyFits } from '../../src/config/fits.ts'
import { parseConfig } from '../../src/config/parse.ts'
import type { FileKind } from '../../src/config/schema.ts'
import { schemaOf } from '../../src/config/validate.ts'
import type { SchemaNode } from '../../src/config/validate.ts'
import { readFixtures } from './fixtures.ts'

const KINDS = ['project', 'sync', 'cases'] as const
const validators = Object.fromEntries(KINDS.map((kind) => [kind, new Ajv({ strict: false }).compile(schemaOf(kind))]))
const roots = Object.fromEntries(KINDS.map((kind) => [kind, schemaOf(kind)])) as Record<FileKind, SchemaNode>

function fits(kind: FileKind, value: unknown): boolean {
  const root = roots[kind]
  return surelyFits(root, value, ({ $ref }) => root.$defs![$ref!.replace('#/$defs/', '')])
}

const samples = [...readFixtures('valid'), ...readFixtures('invalid')].flatMap(({ name, files }) =>
  files.map(({ path, text }) => ({ name: `${name} ${path}`, kind: kindOfFile(path), value: parseConfig(path, text).value })),
)
const readable = samples.filter(({ value }) => value !== undefined)

describe('surelyFits', () => {
  it.each(KINDS)('knows every keyword of the %s schema, so that it never has to ask', (kind) => {
    const valid = readable.filter((sample) => sample.kind === kind && validators[kind](sample.value))

    expect(valid.length).toBeGreaterThan(0)
    expect(valid.filter(({ value }) => !fits(kind, value)).map(({ name }) => name)).toEqual([])
  })

  it('says what Ajv says of every configuration there is', () => {
    const differing = readable.filter(({ kind, value }) => fits(kind, value) !== validators[kind](value))

    expect(differing.map(({ name }) => name)).toEqual([])
  })

  it('says what Ajv says of values with any part replaced by anything', () => {
    fc.assert(
      fc.property(fc.constantFrom(...readable), fc.nat(), odd(), ({ kind, value }, at, part) => {
        const changed = replacePart(value, at, part)

        expect(fits(kind, changed)).toBe(validators[kind](changed))
      }),
      { numRuns: 2000 },
    )
  })

  it('is in doubt about keywords it does not know', () => {
    expect(surelyFits({ uniqueItems: true } as SchemaNode, [1, 2], (schema) => schema)).toBe(false)
  })
})

function odd() {
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
function replacePart(value: unknown, at: number, part: unknown): unknown {
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
