import { describe, expect, it } from 'vitest'
import {
  digestHex,
  digestOf,
  digestOfBytes,
  isNothing,
  isSameDigest,
  MEMBER,
  NO_MEMBER,
  NO_VALUE,
  NOTHING,
  SOMETHING_ELSE,
  valueText,
} from '../../../src/index.ts'

describe('digests', () => {
  it('stay what states hold: a change would have everything sent again', () => {
    expect([MEMBER, NO_MEMBER, NO_VALUE, digestOf('"é"'), digestOf('')].map(digestHex))
      .toMatchInlineSnapshot(`
      [
        "565d1959c59f38e2",
        "bfcddee4c3fd1741",
        "87ab77296dc1e64a",
        "d1f6a86456bbed7e",
        "c68ebfec5e760851",
      ]
    `)
  })

  it('are of the text alone, and its bytes go with them', () => {
    const { bytes, digest } = valueText('"Größe"')

    expect(new TextDecoder().decode(bytes)).toBe('"Größe"')
    expect(isSameDigest(digest, digestOf('"Größe"'))).toBe(true)
    expect(isSameDigest(digest, digestOfBytes(bytes, 7))).toBe(false)
  })

  it('are never those of nothing', () => {
    expect([NOTHING, SOMETHING_ELSE, MEMBER].map(isNothing)).toEqual([true, false, false])
    expect(digestHex({ low: 0xab, high: 1 })).toBe('00000001000000ab')
  })
})
