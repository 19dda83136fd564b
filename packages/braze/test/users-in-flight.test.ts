import { describe, expect, it } from 'vitest'
import { userKey, UsersInFlight } from '../src/users-in-flight.ts'

describe('UsersInFlight', () => {
  it('names the last request of a user until it is answered', () => {
    const users = new UsersInFlight()
    users.packed(1, ['a', 'b'])
    users.packed(2, ['a'])
    expect([users.last('a'), users.last('b'), users.last('c')]).toEqual([2, 1, null])

    users.answered(1)
    expect([users.last('a'), users.last('b')]).toEqual([2, null])

    users.answered(2)
    expect(users.last('a')).toBeNull()
  })

  it('takes no notice of requests it does not know', () => {
    const users = new UsersInFlight()

    users.answered(7)

    expect(users.last('a')).toBeNull()
  })
})

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
