import { expect } from 'vitest'
import type { Spec } from './probe.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const GROUP = '6f2f3a0e-8d3c-4f5e-9a53-0c1ddc7c2f10'
const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 10, 29)
const clock = { now: () => NOW }
const purchase = (more: object) => ({
  external_id: 'u',
  product_id: 'hat',
  currency: 'USD',
  price: 2.5,
  time: '2026-11-20T00:00:00Z',
  ...more,
})
const event = (name: string, days: number) => ({
  external_id: 'u',
  name,
  time: new Date(NOW - days * DAY_MS).toISOString(),
})
const byEmail = (prioritization?: readonly string[]) => ({
  email: 'a@b.co',
  ...(prioritization === undefined ? {} : { prioritization }),
})

/** What the documentation's own examples and tables show, endpoint by endpoint. */
export const DOCUMENTATION: readonly Spec[] = [
  {
    title: 'every answer has an id of its own, which the log of requests knows',
    rules: ['requestId'],
    check: async (probe) => {
      const seen = [
        await probe.send('/users/track', {}),
        await probe.send('/nowhere', {}),
        await probe.send('/users/track', {}, { key: 'bad' }),
      ]
      const ids = seen.map(({ headers }) => headers.get('x-request-id') ?? '')
      for (const id of ids) expect(id).toMatch(UUID)
      expect(new Set(ids).size).toBe(3)
      expect(await probe.look('requests/2')).toMatchObject({ request_id: ids[1] })
    },
  },
  {
    title: 'a quantity of six is six purchases, and their price counts six times',
    rules: ['purchaseQuantity'],
    options: clock,
    check: async (probe) => {
      await probe.track({ purchases: [purchase({ quantity: 6 }), purchase({ price: 1 })] })
      expect((await probe.user()).purchases).toMatchObject([{ name: 'hat', count: 7 }])
      expect(await probe.points()).toBe(7)
      const seen = await probe.send('/users/export/ids', {
        external_ids: ['u'],
        fields_to_export: ['total_revenue'],
      })
      expect(seen.body.users).toEqual([{ total_revenue: 16 }])
    },
  },
  {
    title: 'sync names a purchase by its product_id',
    rules: ['syncProductId'],
    options: clock,
    check: async (probe) => {
      const seen = await probe.track(
        { purchases: [purchase({ quantity: 2 })] },
        '/users/track/sync',
      )
      const time = '2026-11-20T00:00:00.000Z'
      expect([seen.status, seen.body]).toEqual([
        201,
        {
          users: [
            {
              external_id: 'u',
              purchase_events: [{ product_id: 'hat', first: time, last: time, count: 2 }],
            },
          ],
          message: 'success',
        },
      ])
    },
  },
  {
    title: 'an export shows custom events of the last 90 days, inspection all',
    rules: ['exportEventDays'],
    options: clock,
    check: async (probe) => {
      await probe.track({
        events: [event('old', 91), event('recent', 89), event('both', 91), event('both', 1)],
      })
      const { body } = await probe.send('/users/export/ids', { external_ids: ['u'] })
      expect(body.users[0].custom_events.map(({ name }: { name: string }) => name)).toEqual([
        'both',
        'recent',
      ])
      expect((await probe.user()).custom_events).toHaveLength(3)
    },
  },
  {
    title: 'an export gives created_at, random_bucket and total_revenue when they are asked for',
    rules: ['exportComputed'],
    options: clock,
    check: async (probe) => {
      await probe.write({ a: 1 })
      const wanted = {
        external_ids: ['u'],
        fields_to_export: ['created_at', 'random_bucket', 'total_revenue'],
      }
      const { body } = await probe.send('/users/export/ids', wanted)
      expect(body.users).toEqual([
        {
          created_at: '2026-11-29T00:00:00.000Z',
          random_bucket: expect.any(Number),
          total_revenue: 0,
        },
      ])
      expect(body.users[0].random_bucket % 1).toBe(0)
      expect((await probe.send('/users/export/ids', wanted)).body.users).toEqual(body.users)
    },
  },
  {
    title: 'an export takes one of the identifiers that name one user',
    rules: ['exportOneIdentifier'],
    check: async (probe) => {
      await probe.write({ email: 'a@b.co' })
      expect(
        (await probe.send('/users/export/ids', { email_address: 'a@b.co', phone: '+491' })).status,
      ).toBe(400)
      expect((await probe.send('/users/export/ids', { email_address: 'a@b.co' })).status).toBe(201)
    },
  },
  {
    title: 'custom attributes come fifty at a time, with a link to the next page',
    rules: ['listCursor'],
    check: async (probe) => {
      const names = Array.from({ length: 60 }, (_, index) => `a${String(index).padStart(2, '0')}`)
      await probe.write(Object.fromEntries(names.map((name) => [name, 1])))
      const first = await probe.send('/custom_attributes', null, { method: 'GET' })
      const link = /^<(.+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
      expect(link.startsWith(`${probe.simulator.url}/custom_attributes?cursor=`)).toBe(true)
      const second = await probe.send(link.slice(probe.simulator.url.length), null, {
        method: 'GET',
      })
      expect(
        [...first.body.attributes, ...second.body.attributes].map(
          ({ name }: { name: string }) => name,
        ),
      ).toEqual(names)
      expect([first.body.attributes.length, second.headers.get('link')]).toEqual([50, null])
    },
  },
  {
    title: 'a custom attribute has type, length, status, description and tags',
    rules: [],
    check: async (probe) => {
      await probe.write({
        a: ['x'],
        n: 1,
        o: { p: 1 },
        l: [{ p: 1 }],
        s: 'x',
        t: '2026-03-01',
        b: true,
      })
      const { body } = await probe.send('/custom_attributes', null, { method: 'GET' })
      const shown = (name: string, type: string, length: number | null = null) => ({
        array_length: length,
        data_type: type,
        description: null,
        name,
        status: 'Active',
        tag_names: [],
      })
      expect(body).toEqual({
        message: 'success',
        attributes: [
          shown('a', 'Array', 500),
          shown('b', 'Boolean'),
          shown('l', 'Object Array'),
          shown('n', 'Number'),
          shown('o', 'Object'),
          shown('s', 'String'),
          shown('t', 'Time'),
        ],
      })
    },
  },
  {
    title: 'custom attributes need the permission custom_attributes.get',
    rules: ['permission'],
    options: {
      apiKeys: [
        { key: 'right', permissions: ['custom_attributes.get'] },
        { key: 'wrong', permissions: ['custom_attributes'] },
      ],
    },
    check: async (probe) => {
      const statuses = []
      for (const key of ['right', 'wrong'])
        statuses.push((await probe.send('/custom_attributes', null, { method: 'GET', key })).status)
      expect(statuses).toEqual([200, 403])
    },
  },
  ...(
    [
      [undefined, 'required'],
      [[], 'required'],
      [['most_recently_updated', 'nonsense'], 'not valid'],
    ] as const
  ).map(([prioritization, problem]): Spec => ({
    title: `identify, merge and delete by email do not pass with prioritization ${JSON.stringify(prioritization)}`,
    rules: ['prioritizationRequired', 'deletePrioritization'],
    check: async (probe) => {
      const merge = {
        identifier_to_merge: byEmail(prioritization),
        identifier_to_keep: { external_id: 'u' },
      }
      expect((await probe.send('/users/merge', { merge_updates: [merge] })).status).toBe(400)
      const identified = await probe.send('/users/identify', {
        emails_to_identify: [{ external_id: 'u', ...byEmail(prioritization) }],
      })
      expect(identified.body).toEqual({
        emails_processed: 0,
        message: 'success',
        errors: [
          { type: `'prioritization' is ${problem}`, input_array: 'user_identifiers', index: 0 },
        ],
      })
      expect(
        (await probe.send('/users/delete', { email_addresses: [byEmail(prioritization)] })).status,
      ).toBe(400)
    },
  })),
  {
    title:
      'delete takes email addresses and phone numbers as objects with prioritization, not as texts',
    rules: ['deletePrioritization'],
    check: async (probe) => {
      await probe.write({ email: 'a@b.co' })
      expect((await probe.track({ email_addresses: ['a@b.co'] }, '/users/delete')).status).toBe(400)
      expect((await probe.track({ phone_numbers: ['+491'] }, '/users/delete')).status).toBe(400)
      expect(await probe.user()).not.toBeNull()
      expect(
        (await probe.track({ email_addresses: [byEmail(['identified'])] }, '/users/delete')).body,
      ).toEqual({
        deleted: 1,
        message: 'success',
      })
      expect(await probe.user()).toBeNull()
    },
  },
  {
    title: 'an entry of identify without prioritization does nothing',
    rules: ['prioritizationRequired'],
    check: async (probe) => {
      await probe.track({ attributes: [{ email: 'a@b.co', name: 'x' }] })
      await probe.track(
        { emails_to_identify: [{ external_id: 'u', email: 'a@b.co' }] },
        '/users/identify',
      )
      expect(await probe.user()).toBeNull()
    },
  },
  {
    title: 'prioritization is identified or unidentified, not both',
    rules: ['prioritizationExclusive'],
    check: async (probe) => {
      const both = ['identified', 'unidentified']
      const merge = { identifier_to_merge: byEmail(both), identifier_to_keep: { external_id: 'u' } }
      expect((await probe.send('/users/merge', { merge_updates: [merge] })).status).toBe(400)
      const { body } = await probe.send('/users/identify', {
        emails_to_identify: [{ external_id: 'u', ...byEmail(both) }],
      })
      expect(body).toMatchObject({ emails_processed: 0, errors: [{ index: 0 }] })
      expect((await probe.send('/users/delete', { email_addresses: [byEmail(both)] })).status).toBe(
        400,
      )
    },
  },
  {
    title: 'a subscription group id is a UUID',
    rules: ['subscriptionGroupId'],
    check: async (probe) => {
      const groups = [GROUP, 'news'].map((id) => ({
        external_id: 'u',
        subscription_groups: [{ subscription_group_id: id, subscription_state: 'subscribed' }],
      }))
      const seen = await probe.track({ attributes: groups })
      expect(seen.body).toMatchObject({
        attributes_processed: 1,
        errors: [{ type: 'BAD_SUBSCRIPTION_GROUP_ID', index: 1 }],
      })
    },
  },
]
