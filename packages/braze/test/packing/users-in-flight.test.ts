import { describe, expect, it } from 'vitest'
import { UsersInFlight } from '../../src/packing/users-in-flight.ts'
import type { Holder } from '../../src/packing/users-in-flight.ts'

const holder = (): Holder => ({ id: null, isAnswered: false })

describe('UsersInFlight', () => {
  it('names the last request of a user until it is answered', () => {
    const users = new UsersInFlight()
    const [first, second] = [holder(), holder()]
    for (const user of ['a', 'b']) users.hold(user, first)
    users.packed(first, 1)
    users.hold('a', second)
    users.packed(second, 2)
    expect(['a', 'b', 'c'].map((user) => users.holder(user)?.id)).toEqual([2, 1, undefined])

    users.answered(1)
    expect([users.holder('a')?.id, users.holder('b')]).toEqual([2, null])

    users.answered(2)
    expect(users.holder('a')).toBeNull()
  })

  it('keeps the users of unanswered requests, however many others come', () => {
    const users = new UsersInFlight()
    const slow = holder()
    users.hold('slow', slow)
    users.packed(slow, 1)

    for (let id = 2; id < 100_000; id++) {
      const fast = holder()
      users.hold(`fast-${id}`, fast)
      users.packed(fast, id)
      users.answered(id)
    }

    expect(users.holder('slow')).toBe(slow)
    users.answered(1)
    expect(users.holder('slow')).toBeNull()
  })

  it('lets the last request of a user stand, however old the first', () => {
    const users = new UsersInFlight()
    const [first, second] = [holder(), holder()]
    users.hold('a', first)
    for (let index = 0; index < 40_000; index++) users.hold(`other-${index}`, first)
    users.hold('a', second)
    for (let index = 0; index < 30_000; index++) users.hold(`more-${index}`, first)

    expect(users.holder('a')).toBe(second)
  })

  it('takes no notice of requests it does not know', () => {
    const users = new UsersInFlight()

    users.answered(7)

    expect(users.holder('a')).toBeNull()
  })
})
