import { describe, expect, it } from 'vitest'
import { exportUsers } from '../../src/users/export-users.ts'
import { connection, SIGNAL } from '../connection.ts'
import { scriptedBraze } from '../scripted-braze.ts'
import { alias } from '../updates.ts'

const USERS = [
  {
    external_id: 'u1',
    email: 'u1@example.com',
    user_aliases: [{ alias_name: 'a1', alias_label: 'anonymous' }],
    custom_attributes: { ltv: 7, nested: { a: 1 } },
    custom_events: [
      {
        name: 'Seen',
        first: '2026-01-01T00:00:00.000Z',
        last: '2026-01-02T00:00:00.000Z',
        count: 3,
      },
    ],
  },
  { user_aliases: [{ alias_name: 'a2', alias_label: 'anonymous' }] },
]

describe('exportUsers', () => {
  it('gives one answer per user, in the order asked', async () => {
    await using braze = await scriptedBraze(({ body }) => {
      const asked = JSON.parse(body) as { external_ids?: string[] }
      return {
        status: 201,
        body: {
          users: asked.external_ids === undefined ? USERS : [USERS[0]],
          message: 'success',
          invalid_user_ids: [],
        },
      }
    })
    await using made = connection(braze.url)
    const fields = { attributes: ['ltv', 'email', 'first_name', 'absent'], events: true }

    const exported = await exportUsers(
      made.shared,
      [alias('a2'), { externalId: 'u1' }, { externalId: 'unknown' }, alias('a1')],
      {
        fields,
        signal: SIGNAL,
      },
    )

    expect(exported.map(({ user, found }) => [user, found])).toEqual([
      [alias('a2'), true],
      [{ externalId: 'u1' }, true],
      [{ externalId: 'unknown' }, false],
      [alias('a1'), true],
    ])
    expect(exported[1].attributes).toEqual(
      new Map<string, unknown>([
        ['ltv', 7],
        ['email', 'u1@example.com'],
      ]),
    )
    expect(exported[1].events).toEqual(
      new Map([
        ['Seen', { count: 3, firstMs: Date.UTC(2026, 0, 1), lastMs: Date.UTC(2026, 0, 2) }],
      ]),
    )
    expect(exported[0].events.size).toBe(0)
    expect(JSON.parse(braze.arrived[0].body)).toEqual({
      external_ids: ['u1', 'unknown'],
      fields_to_export: [
        'external_id',
        'user_aliases',
        'email',
        'first_name',
        'custom_attributes',
        'custom_events',
      ],
    })
  })

  it('asks for 50 at a time, and for nothing it does not need', async () => {
    await using braze = await scriptedBraze(() => ({
      status: 201,
      body: { users: [], message: 'success' },
    }))
    await using made = connection(braze.url)
    const users = Array.from({ length: 101 }, (_, index) => ({ externalId: `u${index}` }))

    await exportUsers(made.shared, users, {
      fields: { attributes: [], events: false },
      signal: SIGNAL,
    })

    const bodies = braze.arrived.map(
      ({ body }) => JSON.parse(body) as { external_ids: string[]; fields_to_export: string[] },
    )
    expect(bodies.map((body) => body.external_ids.length)).toEqual([50, 50, 1])
    expect(bodies[0].fields_to_export).toEqual(['external_id', 'user_aliases'])
  })

  it('reads no attribute that is inherited', async () => {
    await using braze = await scriptedBraze(() => ({
      status: 201,
      body: { users: [{ external_id: 'u', custom_attributes: {} }], message: 'success' },
    }))
    await using made = connection(braze.url)

    const [user] = await exportUsers(made.shared, [{ externalId: 'u' }], {
      fields: { attributes: ['toString', '__proto__'], events: false },
      signal: SIGNAL,
    })

    expect([...user.attributes]).toEqual([])
  })

  it.each([
    [400, 'BRAZE_REJECTED'],
    [413, 'BRAZE_TOO_LARGE'],
    [401, 'DESTINATION_AUTH'],
  ])('throws on HTTP %i', async (status, code) => {
    await using braze = await scriptedBraze(() => ({ status, body: { message: 'no' } }))
    await using made = connection(braze.url)

    await expect(
      exportUsers(made.shared, [{ externalId: 'u' }], {
        fields: { attributes: [], events: false },
        signal: SIGNAL,
      }),
    ).rejects.toMatchObject({ code })
  })

  it('ends with the reason of an abort', async () => {
    await using braze = await scriptedBraze(() => 'silence')
    await using made = connection(braze.url)
    const stop = new AbortController()
    const reason = new Error('stopped by the test')
    const exporting = exportUsers(made.shared, [{ externalId: 'u' }], {
      fields: { attributes: [], events: false },
      signal: stop.signal,
    })
    exporting.catch(() => undefined)
    while (braze.arrived.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))

    stop.abort(reason)

    await expect(exporting).rejects.toBe(reason)
  })

  it('gives nothing for nobody', async () => {
    await using made = connection('http://127.0.0.1:1')

    expect(
      await exportUsers(made.shared, [], {
        fields: { attributes: [], events: true },
        signal: SIGNAL,
      }),
    ).toEqual([])
  })
})
