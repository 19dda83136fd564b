import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { unionKeyword } from '../../scripts/union-keyword.ts'
import type { SchemaNode } from '../../src/schema/node.ts'

/** What is said about a value: `place keyword`. */
function mistakesOf(schema: SchemaNode, value: unknown): readonly string[] {
  const ajv = new Ajv({ allErrors: true, meta: false, validateSchema: false, strictTypes: false })
  ajv.removeKeyword('anyOf').addKeyword(unionKeyword(schema))
  const validate = ajv.compile(schema)
  return validate(value)
    ? []
    : validate.errors!.map(({ instancePath, keyword }) => `${instancePath || '/'} ${keyword}`)
}

const table = (required: readonly string[], ...keys: readonly string[]): SchemaNode => ({
  type: 'object',
  ...(required.length > 0 && { required }),
  properties: Object.fromEntries(keys.map((key) => [key, { type: 'number' }])),
  additionalProperties: false,
})

describe('a union', () => {
  const FORMS: SchemaNode = {
    anyOf: [{ type: 'string' }, table(['a'], 'a', 'x'), table(['b'], 'b'), table([], 'c')],
  }

  it.each<[unknown, readonly string[]]>([
    ['text', []],
    [{ a: 1 }, []],
    [{ a: 'no' }, ['/a type']],
    [{ a: 1, y: 1 }, ['/ additionalProperties']],
    [{ b: 1, a: 1 }, ['/ additionalProperties']],
    [{ c: 1 }, []],
    [{ d: 1 }, ['/ additionalProperties']],
    [5, ['/ anyOf']],
    [[], ['/ anyOf']],
    [null, ['/ anyOf']],
  ])('counts as the branch that %j means', (value, mistakes) => {
    expect(mistakesOf(FORMS, value)).toEqual(mistakes)
  })

  it('is a mistake as a whole when each branch needs a key and none is there', () => {
    expect(mistakesOf({ anyOf: [table(['a'], 'a'), table(['b'], 'b')] }, { c: 1 })).toEqual([
      '/ anyOf',
    ])
  })

  it('looks through references and unions of unions', () => {
    const schema: SchemaNode = {
      anyOf: [{ $ref: '#/$defs/forms' }, { anyOf: [{ type: 'integer' }, { enum: [true] }] }],
      $defs: { forms: { anyOf: [table(['a'], 'a'), table(['b'], 'b')] } },
    }

    expect(
      [{ b: 1 }, 1.5, true, false, { b: 'no' }].map((value) => mistakesOf(schema, value)),
    ).toEqual([[], ['/ type'], [], ['/ enum'], ['/b type']])
  })

  it.each<[string, SchemaNode]>([
    ['two texts', { anyOf: [{ type: 'string' }, { enum: ['a'] }] }],
    ['two mappings that need nothing', { anyOf: [table([], 'a'), table([], 'b')] }],
    ['anything', { anyOf: [{}, { type: 'string' }] }],
  ])('is refused when a value could mean two branches: %s', (_what, schema) => {
    expect(() => mistakesOf(schema, 'a')).toThrow(TypeError)
  })
})
