import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fits as fitsSchema } from '../../../src/config/shape/fits.ts'
import type { FileKind } from '../../../src/schema/kinds.ts'
import { schemaOf } from '../../../src/schema/node.ts'
import type { SchemaNode } from '../../../src/schema/node.ts'
import { odd, READABLE, replacePart } from './odd-values.ts'

const KINDS = ['project', 'sync', 'cases'] as const
const validators = Object.fromEntries(KINDS.map((kind) => [kind, new Ajv({ strict: false }).compile(schemaOf(kind))]))
const roots = Object.fromEntries(KINDS.map((kind) => [kind, schemaOf(kind)])) as Record<FileKind, SchemaNode>

function fits(kind: FileKind, value: unknown): boolean {
  const root = roots[kind]
  return fitsSchema(root, value, ({ $ref }) => root.$defs![$ref!.replace('#/$defs/', '')])
}

describe('fits', () => {
  it.each(KINDS)('knows every keyword of the %s schema', (kind) => {
    const valid = READABLE.filter((sample) => sample.kind === kind && validators[kind](sample.value))

    expect(valid.length).toBeGreaterThan(0)
    expect(valid.filter(({ value }) => !fits(kind, value)).map(({ name }) => name)).toEqual([])
  })

  it('says what Ajv says of every configuration there is', () => {
    const differing = READABLE.filter(({ kind, value }) => fits(kind, value) !== validators[kind](value))

    expect(differing.map(({ name }) => name)).toEqual([])
  })

  it('says what Ajv says of values with any part replaced by anything', () => {
    fc.assert(
      fc.property(fc.constantFrom(...READABLE), fc.nat(), odd(), ({ kind, value }, at, part) => {
        const changed = replacePart(value, at, part)

        expect(fits(kind, changed)).toBe(validators[kind](changed))
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses a schema with a keyword it does not know', () => {
    expect(() => fitsSchema({ uniqueItems: true } as SchemaNode, [1, 2], (schema) => schema)).toThrow(/"uniqueItems"/)
  })
})
