import { describe, expect, it } from 'vitest'
import type { UserRef } from '@engage-sync/contract'
import { byKind, deleteUsers, identify, merge, usersBody } from '../../src/users/users.ts'
import { connection, SIGNAL } from '../connection.ts'
import { scriptedBraze, SUCCESS } from '../scripted-braze.ts'
import { alias } from '../updates.ts'

const ids = (...names: string[]): UserRef[] => names.map((externalId) => ({ externalId }))

describe('identify', () => {
  it('attaches aliases to external ids', async () => {
    await using braze = await scriptedBraze(() => SUCCESS)
    await using made = connection(braze.url)

    const { outcomes } = await identify(
      made.shared,
      [{ externalId: 'u', alias: { name: 'a', label: 'l' } }],
      SIGNAL,
    )

    expect(outcomes).toEqual([{ status: 'delivered' }])
    expect(braze.arrived[0].path).toBe('/users/identify')
    expect(JSON.parse(braze.arrived[0].body)).toEqual({
      aliases_to_identify: [
        { external_id: 'u', user_alias: { alias_name: 'a', alias_label: 'l' } },
      ],
    })
  })

  it('is not repeated after an unknown outcome', async () => {
    await using braze = await scriptedBraze(() => 'reset')
    await using made = connection(braze.url)

    expect(
      (await identify(made.shared, [{ externalId: 'u', alias: { name: 'a', label: 'l' } }], SIGNAL))
        .outcomes[0].status,
    ).toBe('unknown')
    expect(braze.arrived).toHaveLength(1)
  })
})

describe('merge', () => {
  it('merges one into another', async () => {
    await using braze = await scriptedBraze(() => ({ status: 202, body: { message: 'success' } }))
    await using made = connection(braze.url)

    const { outcomes } = await merge(
      made.shared,
      [{ from: alias('a', 'l'), into: { externalId: 'u' } }],
      SIGNAL,
    )

    expect(outcomes).toEqual([{ status: 'delivered' }])
    expect(JSON.parse(braze.arrived[0].body)).toEqual({
      merge_updates: [
        {
          identifier_to_merge: { user_alias: { alias_name: 'a', alias_label: 'l' } },
          identifier_to_keep: { external_id: 'u' },
        },
      ],
    })
  })

  it('never has a user twice in a request, since Braze keeps no order there', async () => {
    await using braze = await scriptedBraze(() => SUCCESS)
    await using made = connection(braze.url)
    const [a, b, c, d] = ids('a', 'b', 'c', 'd')

    await merge(
      made.shared,
      [
        { from: a, into: b },
        { from: c, into: d },
        { from: b, into: c },
      ],
      SIGNAL,
    )

    expect(
      braze.arrived.map(
        ({ body }) => (JSON.parse(body) as { merge_updates: unknown[] }).merge_updates.length,
      ),
    ).toEqual([2, 1])
  })
})

describe('deleteUsers', () => {
  it('sends one kind of identifier a request, and answers in the order asked', async () => {
    await using braze = await scriptedBraze(({ body }) =>
      body.includes('user_aliases')
        ? { status: 400, body: { message: 'no' } }
        : { status: 201, body: { deleted: 2 } },
    )
    await using made = connection(braze.url)

    const { outcomes } = await deleteUsers(
      made.shared,
      [alias('x'), ...ids('a'), alias('y'), ...ids('b')],
      SIGNAL,
    )

    expect(outcomes.map(({ status }) => status)).toEqual([
      'rejected',
      'delivered',
      'rejected',
      'delivered',
    ])
    expect(JSON.parse(braze.arrived[0].body)).toEqual({ external_ids: ['a', 'b'] })
  })
})

describe('byKind', () => {
  it('cuts lists of 50 of one kind, and remembers where each stood', () => {
    const users = Array.from({ length: 110 }, (_, index) =>
      index % 11 === 0 ? alias(`a${index}`) : { externalId: `u${index}` },
    )

    const { lists, placeOf } = byKind(users)

    expect(lists.map((list) => list.length)).toEqual([50, 50, 10])
    expect(lists.flat().map((user, index) => users[placeOf[index]] === user)).toEqual(
      users.map(() => true),
    )
  })
})

describe('usersBody', () => {
  it('names users of a kind', () => {
    expect(usersBody(ids('a'))).toEqual({ external_ids: ['a'] })
    expect(usersBody([alias('a', 'l')])).toEqual({
      user_aliases: [{ alias_name: 'a', alias_label: 'l' }],
    })
  })
})
