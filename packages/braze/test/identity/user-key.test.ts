import { describe, expect, it } from 'vitest'
import { userKey } from '../../src/identity/user-key.ts'

describe('userKey', () => {
  it('tells external ids from aliases', () => {
    const keys = [
      userKey({ externalId: 'a' }),
      userKey({ alias: { name: 'a', label: '' } }),
      userKey({ alias: { name: '', label: 'a' } }),
      userKey({ alias: { name: 'b', label: 'a' } }),
    ]

    expect(new Set(keys).size).toBe(4)
  })
})
