import { describe, expect, it } from 'vitest'
import { BodyArray } from '../../src/packing/body-array.ts'

const PART = { update: 1, kind: 'event', ref: 0 } as const

function written(array: BodyArray): string {
  const body = Buffer.alloc(array.length)
  array.copyTo(body, 0)
  return body.toString('utf8')
}

describe('BodyArray', () => {
  it('holds objects with commas between', () => {
    const array = new BodyArray()
    for (const text of ['{"a":1}', '{"ü":"漢"}', '{}']) array.append(PART, text, text.length * 3)

    expect(written(array)).toBe('{"a":1},{"ü":"漢"},{}')
    expect([array.count, array.length]).toEqual([3, Buffer.byteLength('{"a":1},{"ü":"漢"},{}')])
  })

  it('grows', () => {
    const array = new BodyArray()
    const texts = Array.from({ length: 50 }, (_, index) => `{"n":"${String(index).repeat(2000)}"}`)
    for (const text of texts) array.append(PART, text, text.length)

    expect(written(array)).toBe(texts.join(','))
  })

  it('begins anew after its parts are taken', () => {
    const array = new BodyArray()
    array.append(PART, '{"a":1}', 7)

    expect(array.take()).toEqual([PART])
    array.append(PART, '{"b":1}', 7)

    expect(written(array)).toBe('{"b":1}')
    expect(array.take()).toEqual([PART])
    expect([array.count, array.length]).toEqual([0, 0])
  })
})
