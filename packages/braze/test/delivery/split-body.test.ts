import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyOf, objectSpans } from '../../src/delivery/split-body.ts'

function objectsOf(body: Uint8Array): readonly (readonly [string, string])[] {
  return objectSpans(body).map(({ array, from, to }) => [
    array,
    Buffer.from(body.subarray(from, to)).toString('utf8'),
  ])
}

describe('objectSpans', () => {
  it('finds the objects of each array, to the byte', () => {
    const body = Buffer.from(
      '{"attributes":[{"a":1.0,"b":{"c":[{}]}},{"z":"}]\\"é"}],"events":[{"e":12345678901234567890}]}',
    )

    expect(objectsOf(body)).toEqual([
      ['attributes', '{"a":1.0,"b":{"c":[{}]}}'],
      ['attributes', '{"z":"}]\\"é"}'],
      ['events', '{"e":12345678901234567890}'],
    ])
  })

  it('finds nothing where there is nothing', () => {
    expect(objectSpans(Buffer.from('{}'))).toEqual([])
    expect(objectSpans(Buffer.from('{"events":[]}'))).toEqual([])
  })

  it('finds what JSON.parse finds', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue())
    fc.assert(
      fc.property(fc.array(object), fc.array(object), (attributes, events) => {
        const body = Buffer.from(JSON.stringify({ attributes, events }))
        const expected = [
          ...attributes.map((value) => ['attributes', JSON.stringify(value)]),
          ...events.map((value) => ['events', JSON.stringify(value)]),
        ]
        expect(objectsOf(body)).toEqual(expected)
      }),
    )
  })
})

describe('bodyOf', () => {
  it('holds the chosen objects alone', () => {
    const body = Buffer.from('{"attributes":[{"a":1.0},{"a":2}],"events":[{"e":1},{"e":2}]}')
    const spans = objectSpans(body)
    const some = (...indexes: number[]) =>
      Buffer.from(
        bodyOf(
          body,
          indexes.map((index) => spans[index]),
        ),
      ).toString('utf8')

    expect(some(0, 3)).toBe('{"attributes":[{"a":1.0}],"events":[{"e":2}]}')
    expect(some(0, 1)).toBe('{"attributes":[{"a":1.0},{"a":2}]}')
    expect(some(2)).toBe('{"events":[{"e":1}]}')
    expect(some()).toBe('{}')
    expect(some(0, 1, 2, 3)).toBe(body.toString('utf8'))
  })
})
