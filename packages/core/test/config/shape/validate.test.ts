import { Ajv } from 'ajv'
import type { ErrorObject } from 'ajv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { schemaOf } from '../../../src/schema/node.ts'
import { ShapeValidator } from '../../../src/config/shape/validate.ts'
import type { ShapeError } from '../../../src/config/shape/shape-error.ts'
import { odd, READABLE, replacePart } from './odd-values.ts'

const KINDS = ['project', 'sync', 'cases'] as const
const ajv = new Ajv({ strict: false, allErrors: true })
const compiled = Object.fromEntries(KINDS.map((kind) => [kind, ajv.compile(schemaOf(kind))]))
const own = Object.fromEntries(KINDS.map((kind) => [kind, new ShapeValidator(kind)]))

const NAMED = ['missingProperty', 'additionalProperty', 'limit']
const tell = (pointer: string, keyword: string, params: Readonly<Record<string, unknown>>) =>
  [
    pointer || '/',
    keyword,
    ...NAMED.flatMap((name) => (keyword === 'pattern' ? [] : (params[name] ?? []))),
  ].join(' ')
const pointerOf = (path: ShapeError['path']) =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const ownWords = ({ path, keyword, params }: ShapeError) =>
  tell(pointerOf(path), keyword, keywordParams(keyword, params))
const ajvWords = ({ instancePath, keyword, params }: ErrorObject) =>
  tell(instancePath, keyword, keywordParams(keyword, params))
const keywordParams = (keyword: string, params: Readonly<Record<string, unknown>>) =>
  ['type', 'enum', 'const'].includes(keyword) ? {} : params

/** What Ajv says outside of unions, which it tells branch by branch, and beside no wrong type. */
function certain(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const unions = errors
    .filter(({ keyword }) => keyword === 'anyOf')
    .map(({ instancePath }) => instancePath)
  const wrongType = errors
    .filter(({ keyword }) => keyword === 'type')
    .map(({ instancePath }) => instancePath)
  return errors.filter(
    ({ instancePath, keyword }) =>
      !unions.some((union) => `${instancePath}/`.startsWith(`${union}/`)) &&
      (keyword === 'type' || !wrongType.includes(instancePath)),
  )
}

function expectSameMistakes(kind: (typeof KINDS)[number], value: unknown): void {
  const errors = compiled[kind](value) ? [] : (compiled[kind].errors ?? [])

  const found = own[kind].validate(value).map(ownWords)

  expect(errors.map(ajvWords)).toEqual(expect.arrayContaining(found))
  expect(found).toEqual(expect.arrayContaining(certain(errors).map(ajvWords)))
  expect(found.length > 0).toBe(errors.length > 0)
}

describe('ShapeValidator', () => {
  it.each(READABLE)('finds what Ajv finds: $name', ({ kind, value }) =>
    expectSameMistakes(kind, value),
  )

  it('finds what Ajv finds with any part replaced by anything', () => {
    fc.assert(
      fc.property(fc.constantFrom(...READABLE), fc.nat(), odd(), ({ kind, value }, at, part) =>
        expectSameMistakes(kind, replacePart(value, at, part)),
      ),
      { numRuns: 2000 },
    )
  })

  it('says what Ajv says of every configuration there is, and nothing of those it takes', () => {
    const valid = READABLE.filter(({ kind, value }) => compiled[kind](value))

    expect(valid.length).toBeGreaterThan(30)
    expect(valid.filter(({ kind, value }) => own[kind].validate(value).length > 0)).toEqual([])
  })

  it('names the schema that is broken, wherever it stands', () => {
    fc.assert(
      fc.property(fc.constantFrom(...READABLE), fc.nat(), odd(), ({ kind, value }, at, part) => {
        for (const { keyword, schema } of own[kind].validate(replacePart(value, at, part)))
          expect(schema).toHaveProperty([keyword])
      }),
    )
  })

  it('tells all that a union takes when the value means none of its branches', () => {
    const [mistake, ...others] = own['sync'].validate({
      version: 1,
      source: 5,
      identity: { external_id: 'userId' },
    })

    expect(others).toEqual([])
    expect([mistake.keyword, mistake.path, mistake.schema.anyOf?.length]).toEqual([
      'anyOf',
      ['source'],
      2,
    ])
  })
})
