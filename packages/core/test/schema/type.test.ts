import { Type as TypeBox } from 'typebox'
import { describe, expect, it } from 'vitest'
import { Type } from '../../src/schema/type.ts'

type Builders = typeof Type

describe('Type', () => {
  it.each<[string, (type: Builders) => unknown]>([
    ['texts', (type) => type.String({ minLength: 1, description: 'x' })],
    ['numbers', (type) => [type.Number(), type.Integer({ minimum: 0 }), type.Boolean(), type.Null()]],
    ['anything', (type) => type.Unknown({ description: 'x' })],
    ['schemas of our own', (type) => type.Unsafe<string>({ enum: ['a', 'b'] })],
    ['constants', (type) => [type.Literal(1, { examples: [1] }), type.Literal('a'), type.Literal(true)]],
    ['lists', (type) => type.Array(type.String(), { maxItems: 3 })],
    ['unions', (type) => type.Union([type.String(), type.Null()], { description: 'x' })],
    [
      'members, of which some must be there',
      (type) => type.Object({ a: type.String(), b: type.Optional(type.Number()) }, { additionalProperties: false }),
    ],
    ['members that may all be missing', (type) => type.Object({ b: type.Optional(type.Number()) })],
    ['no members', (type) => type.Object({})],
    [
      'a part that is optional in one place and not in another',
      (type) => {
        const part = type.Object({ c: type.String() })
        return type.Object({ a: type.Optional(part), b: part })
      },
    ],
  ])('builds %s as TypeBox does', (_what, build) => {
    expect(JSON.parse(JSON.stringify(build(Type)))).toEqual(JSON.parse(JSON.stringify(build(TypeBox))))
  })
})
