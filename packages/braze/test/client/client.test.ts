import { describe, expect, it } from 'vitest'
import { createBrazeClient } from '../../src/client/client.ts'
import type { BrazeClient } from '../../src/client/client.ts'
import { scriptedBraze, SUCCESS } from '../scripted-braze.ts'
import type { Reply } from '../scripted-braze.ts'
import { InstantClock } from '../test-clock.ts'

const KEYS = { partner: 'acme', partnerApiKey: 'partner-key', clientSecret: 'client-secret' }

async function use<Result>(
  call: (client: BrazeClient) => Promise<Result>,
  ...replies: readonly Reply[]
) {
  await using braze = await scriptedBraze(
    (_, number) => replies[Math.min(number, replies.length - 1)] ?? SUCCESS,
  )
  const client = createBrazeClient({
    endpoint: braze.url,
    apiKey: 'key-of-test',
    cohorts: KEYS,
    clock: new InstantClock(),
    random: () => 0.5,
  })
  try {
    const result = await call(client)
    const [{ method, path, body }] = braze.arrived
    return {
      result,
      method,
      path,
      body: body === '' ? null : (JSON.parse(body) as unknown),
      count: braze.arrived.length,
    }
  } finally {
    await client.close()
  }
}

const ALIAS = { alias_name: 'a', alias_label: 'l' }
const ATTRIBUTES = { external_id: 'u', ltv: 7 }
const EVENT = { external_id: 'u', name: 'Seen', time: '2026-01-01T00:00:00Z' }

describe('track', () => {
  it('tells what Braze took and what it refused', async () => {
    const { result, body } = await use(
      (client) => client.track({ attributes: [ATTRIBUTES], events: [EVENT, EVENT] }),
      {
        status: 201,
        headers: { 'x-request-id': 'r-1' },
        body: {
          attributes_processed: 1,
          events_processed: 1,
          message: 'success',
          errors: [{ type: "'time' is not valid", input_array: 'events', index: 1 }],
        },
      },
    )

    expect(body).toEqual({ attributes: [ATTRIBUTES], events: [EVENT, EVENT] })
    expect(result).toEqual({
      attributes: 1,
      events: 1,
      purchases: null,
      users: [],
      requestId: 'r-1',
      refused: [
        {
          code: 'BRAZE_EVENT_TIME',
          message: "Braze refused it: 'time' is not valid",
          array: 'events',
          index: 1,
        },
      ],
    })
  })

  it.each([
    ['standard', '/users/track'],
    ['bulk', '/users/track/bulk'],
    ['sync', '/users/track/sync'],
  ] as const)('uses the %s endpoint', async (endpoint, expected) => {
    const { path, result } = await use(
      (client) => client.track({ attributes: [ATTRIBUTES] }, { endpoint }),
      {
        status: 201,
        body: { message: 'success', users: [{ external_id: 'u' }] },
      },
    )

    expect(path).toBe(expected)
    expect(result.users).toEqual([{ external_id: 'u' }])
  })

  it.each([
    ['standard', 76],
    ['bulk', 1001],
    ['sync', 2],
  ] as const)('sends no more objects than %s takes', async (endpoint, count) => {
    const client = createBrazeClient({ endpoint: 'http://127.0.0.1:1', apiKey: 'k' })

    await expect(
      client.track({ attributes: Array.from({ length: count }, () => ATTRIBUTES) }, { endpoint }),
    ).rejects.toMatchObject({
      code: 'BRAZE_LIMIT',
    })
  })

  it('sends no more bytes than Braze takes', async () => {
    const client = createBrazeClient({ endpoint: 'http://127.0.0.1:1', apiKey: 'k' })

    await expect(
      client.track(
        { attributes: [{ external_id: 'u', note: 'x'.repeat(2_097_152) }] },
        { endpoint: 'bulk' },
      ),
    ).rejects.toMatchObject({
      code: 'BRAZE_LIMIT',
    })
  })

  it.each([
    ['attributes', { attributes: [ATTRIBUTES] }, {}],
    ['events that the caller lets repeat', { events: [EVENT] }, { repeatable: true }],
  ])('repeats %s after an unknown outcome', async (_, body, options) => {
    expect((await use((client) => client.track(body, options), 'reset', SUCCESS)).count).toBe(2)
  })

  it.each([
    ['events', { events: [EVENT] }],
    ['increments', { attributes: [{ external_id: 'u', visits: { inc: 1 } }] }],
    ['additions', { attributes: [{ external_id: 'u', list: { add: ['x'] } }] }],
    [
      'purchases',
      {
        purchases: [
          { external_id: 'u', product_id: 'p', currency: 'EUR', price: 1, time: '2026-01-01' },
        ],
      },
    ],
  ])('tells an unknown outcome of %s', async (_, body) => {
    await expect(use((client) => client.track(body), 'reset')).rejects.toMatchObject({
      code: 'BRAZE_UNKNOWN_OUTCOME',
      status: null,
    })
  })

  it.each([
    [
      { status: 400, body: { message: "'time' is not valid" } },
      { code: 'BRAZE_EVENT_TIME', status: 400, retryable: false },
    ],
    [{ status: 413 }, { code: 'BRAZE_TOO_LARGE', status: 413 }],
    [
      { status: 201, body: {} },
      { code: 'BRAZE_ANSWER', status: 201, mayBeApplied: true },
    ],
    [{ status: 401 }, { code: 'DESTINATION_AUTH', status: 401 }],
    [{ status: 404 }, { code: 'BRAZE_ANSWER', status: 404 }],
  ])('throws on %j', async (reply, expected) => {
    await expect(use((client) => client.track({ events: [EVENT] }), reply)).rejects.toMatchObject(
      expected,
    )
  })

  it('ends with the reason of an abort', async () => {
    const stop = new AbortController()
    const reason = new Error('stopped by the test')
    setTimeout(() => stop.abort(reason), 50)

    await expect(
      use((client) => client.track({ events: [EVENT] }, { signal: stop.signal }), 'silence'),
    ).rejects.toBe(reason)
  })
})

const CALLS: readonly (readonly [
  string,
  (client: BrazeClient) => Promise<unknown>,
  string,
  string,
  unknown,
])[] = [
  [
    'newAliases',
    (client) => client.newAliases([{ external_id: 'u', ...ALIAS }]),
    'POST',
    '/users/alias/new',
    { user_aliases: [{ external_id: 'u', ...ALIAS }] },
  ],
  [
    'updateAliases',
    (client) =>
      client.updateAliases([{ alias_label: 'l', old_alias_name: 'a', new_alias_name: 'b' }]),
    'POST',
    '/users/alias/update',
    { alias_updates: [{ alias_label: 'l', old_alias_name: 'a', new_alias_name: 'b' }] },
  ],
  [
    'identify',
    (client) => client.identify({ aliases_to_identify: [{ external_id: 'u', user_alias: ALIAS }] }),
    'POST',
    '/users/identify',
    { aliases_to_identify: [{ external_id: 'u', user_alias: ALIAS }] },
  ],
  [
    'merge',
    (client) =>
      client.merge([
        { identifier_to_merge: { user_alias: ALIAS }, identifier_to_keep: { external_id: 'u' } },
      ]),
    'POST',
    '/users/merge',
    {
      merge_updates: [
        { identifier_to_merge: { user_alias: ALIAS }, identifier_to_keep: { external_id: 'u' } },
      ],
    },
  ],
  [
    'delete',
    (client) => client.delete({ external_ids: ['u'] }),
    'POST',
    '/users/delete',
    { external_ids: ['u'] },
  ],
  [
    'exportIds',
    (client) => client.exportIds({ external_ids: ['u'], fields_to_export: ['external_id'] }),
    'POST',
    '/users/export/ids',
    { external_ids: ['u'], fields_to_export: ['external_id'] },
  ],
  [
    'subscriptionStatus',
    (client) => client.subscriptionStatus({ subscriptionGroupId: 'g', externalIds: ['u&1', 'v'] }),
    'GET',
    '/subscription/status/get?subscription_group_id=g&external_id%5B%5D=u%261&external_id%5B%5D=v',
    null,
  ],
  [
    'setSubscriptionStatus',
    (client) =>
      client.setSubscriptionStatus({
        subscription_group_id: 'g',
        subscription_state: 'subscribed',
        external_id: ['u'],
      }),
    'POST',
    '/subscription/status/set',
    { subscription_group_id: 'g', subscription_state: 'subscribed', external_id: ['u'] },
  ],
  [
    'createCohort',
    (client) =>
      client.createCohort({ cohort_id: 'c', name: 'VIPs', created_at: '2026-01-01T00:00:00Z' }),
    'POST',
    '/partners/acme/cohorts',
    {
      partner_api_key: 'partner-key',
      client_secret: 'client-secret',
      cohort_id: 'c',
      name: 'VIPs',
      created_at: '2026-01-01T00:00:00Z',
    },
  ],
  [
    'changeCohort',
    (client) =>
      client.changeCohort('c', [{ user_ids: ['u'] }, { aliases: [ALIAS], should_remove: true }]),
    'POST',
    '/partners/acme/cohorts/users',
    {
      partner_api_key: 'partner-key',
      client_secret: 'client-secret',
      cohort_id: 'c',
      cohort_changes: [{ user_ids: ['u'] }, { aliases: [ALIAS], should_remove: true }],
    },
  ],
  ['listEvents', (client) => client.listEvents(2), 'GET', '/events/list?page=2', null],
  [
    'listCustomAttributes',
    (client) => client.listCustomAttributes('a/b'),
    'GET',
    '/custom_attributes?cursor=a%2Fb',
    null,
  ],
]

describe.each(CALLS)('%s', (_, call, method, path, body) => {
  it('makes its call', async () => {
    expect(await use(call)).toMatchObject({ method, path, body, count: 1 })
  })

  it('throws what Braze refuses', async () => {
    await expect(use(call, { status: 400, body: { message: 'no' } })).rejects.toMatchObject({
      code: 'BRAZE_REJECTED',
      status: 400,
    })
  })
})

describe('createBrazeClient', () => {
  it('reads what its calls answer', async () => {
    expect(
      (
        await use((client) => client.delete({ external_ids: ['u'] }), {
          status: 201,
          body: { deleted: 1 },
        })
      ).result.deleted,
    ).toBe(1)
    expect(
      (
        await use(
          (client) =>
            client.exportIds({ external_ids: ['u', 'v'], fields_to_export: ['external_id'] }),
          {
            status: 201,
            body: { users: [{ external_id: 'u' }], message: 'success', invalid_user_ids: ['v'] },
          },
        )
      ).result,
    ).toEqual({ users: [{ external_id: 'u' }], invalidUserIds: ['v'] })
    expect(
      (
        await use(
          (client) => client.subscriptionStatus({ subscriptionGroupId: 'g', externalIds: ['u'] }),
          {
            status: 200,
            body: { status: { u: 'Subscribed' }, message: 'success' },
          },
        )
      ).result,
    ).toEqual({ u: 'Subscribed' })
    expect(
      (
        await use((client) => client.listEvents(), {
          status: 200,
          body: { events: ['Seen'], message: 'success' },
        })
      ).result,
    ).toEqual(['Seen'])
    expect(
      (
        await use((client) => client.listCustomAttributes(), {
          status: 200,
          body: { attributes: [{ name: 'ltv' }], message: 'success' },
          headers: {
            link: '<https://rest.iad-01.braze.com/custom_attributes?cursor=c2%3D>; rel="next"',
          },
        })
      ).result,
    ).toEqual({ attributes: [{ name: 'ltv' }], cursor: 'c2=' })
  })

  it('sends no more than 50 items, or 1,000 cohort ids', async () => {
    const client = createBrazeClient({ endpoint: 'http://127.0.0.1:1', apiKey: 'k', cohorts: KEYS })
    const many = <Item>(count: number, item: Item) => Array.from({ length: count }, () => item)
    const calls = [
      () => client.newAliases(many(51, ALIAS)),
      () => client.delete({ external_ids: many(51, 'u') }),
      () =>
        client.exportIds({
          external_ids: many(30, 'u'),
          user_aliases: many(21, ALIAS),
          fields_to_export: [],
        }),
      () => client.subscriptionStatus({ subscriptionGroupId: 'g', externalIds: many(51, 'u') }),
      () =>
        client.setSubscriptionStatus({
          subscription_group_id: 'g',
          subscription_state: 'subscribed',
          email: many(51, 'e'),
        }),
      () =>
        client.changeCohort('c', [{ user_ids: many(600, 'u') }, { device_ids: many(401, 'd') }]),
    ]

    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'BRAZE_LIMIT' })
  })

  it('needs keys for cohort calls', async () => {
    const client = createBrazeClient({ endpoint: 'http://127.0.0.1:1', apiKey: 'k' })

    await expect(
      client.createCohort({ cohort_id: 'c', name: 'n', created_at: 't' }),
    ).rejects.toMatchObject({ code: 'BRAZE_OPTION' })
  })
})
