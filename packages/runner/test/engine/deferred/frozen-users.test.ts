import { EXTERNAL_ID, Layout, OpenRows, Partition, userKey } from '@engage-sync/core'
import type { RunProgram } from '@engage-sync/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { FrozenUsers } from '../../../src/engine/deferred/index.ts'

const layout = new Layout([{ number: 0, id: 'vip', kind: 'slot' }])
const VIP = 'removals=vip'
const outputs = [{ id: 'vip', column: 0 }] as unknown as RunProgram['outputs']
const names = ['u0', 'u1', 'u2', 'u3']

let users: FrozenUsers
const open = () => new OpenRows(layout).open(new Partition(3, layout))
const named = (thawed: readonly { readonly user: string }[]) => thawed.map(({ user }) => user)

beforeEach(() => {
  users = new FrozenUsers({ outputs })
  for (const user of names) users.note({ user, partition: 3, doubted: [], unanswered: [] }, [VIP])
})

describe('users whose membership is held no longer', () => {
  it('go on some after the others, each once, also where it is told again meanwhile', () => {
    users.thaw([VIP])
    expect(named(users.takeThawed(3))).toEqual(['u0', 'u1', 'u2'])
    users.thaw([VIP])
    expect(named(users.takeThawed(3))).toEqual(['u3'])
    expect(users.isThawing).toBe(false)
    expect(users.size).toBe(0)
  })

  it('stay, as far as they are left, where it is held once more before all went on', () => {
    const partition = open()
    users.place(partition)
    users.thaw([VIP])
    expect(named(users.takeThawed(2))).toEqual(['u0', 'u1'])
    users.freeze(partition, partition.findOrAdd(userKey(EXTERNAL_ID, 'u0')), new Set([VIP]))

    expect(users.isThawing).toBe(false)
    expect(users.takeThawed(9)).toEqual([])
    expect(users.heldBy(VIP)).toBe(3)

    users.thaw([VIP])
    expect(named(users.takeThawed(9)).toSorted()).toEqual(['u0', 'u2', 'u3'])
  })

  it('are found by their rows, whenever their partition is opened again', () => {
    const columns = (partition: ReturnType<typeof open>, user: string) => [
      ...(users.of(3, partition.findOrAdd(userKey(EXTERNAL_ID, user))) ?? []),
    ]
    const [first, other] = [open(), open()]
    users.place(first)
    expect(columns(first, 'u3')).toEqual([0])
    users.thaw([VIP])
    users.takeThawed(1)
    expect(columns(first, 'u0')).toEqual([])

    for (const user of ['x', 'u3', 'u2', 'u1', 'u0']) other.findOrAdd(userKey(EXTERNAL_ID, user))
    users.place(other)
    expect(['x', ...names].map((user) => columns(other, user).length)).toEqual([0, 0, 1, 1, 1])
  })
})

describe('records of which a part waits', () => {
  it('are kept as far as they fit beside the source, and it is said where they do not', () => {
    const large = 'x'.repeat(2 ** 20)
    for (let count = 0; count < 200; count++) users.keep('engage', 'u0', `${count}${large}`)
    expect(users.takeKept([])).toBe(null)

    users.keep('engage', 'u0', 'small')
    const letters = users.takeKept([])?.letters({ run: 1, nowMs: 0, days: 30 })
    expect(letters?.map(({ payload }) => payload)).toMatchObject([{ records: ['small'] }])
  })
})
