import { expect } from 'vitest'
import type { Spec } from './probe.ts'

const alias = (name: string, label = 'l') => ({ alias_name: name, alias_label: label })
const many = <T>(count: number, item: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => item(index))

/** Who a request is for: point 17. */
export const IDENTITY: readonly Spec[] = [
  {
    title: 'an email finds its profile when no primary identifier is there',
    rules: ['secondaryIdentifiers'],
    check: async (probe) => {
      await probe.write({ email: 'Ada@Example.com' })
      await probe.track({ attributes: [{ email: 'ada@example.com', a: 1 }] })
      expect(await probe.custom()).toEqual({ a: 1 })
      expect((await probe.look('users')).total).toBe(1)
    },
  },
  {
    title: 'email wins over phone',
    rules: ['emailWins'],
    check: async (probe) => {
      await probe.track({
        attributes: [
          { external_id: 'mail', email: 'a@b.co' },
          { external_id: 'phone', phone: '+491' },
        ],
      })
      await probe.track({ attributes: [{ email: 'a@b.co', phone: '+491', a: 1 }] })
      expect([await probe.custom('mail'), await probe.custom('phone')]).toEqual([{ a: 1 }, {}])
    },
  },
  {
    title: 'of several profiles the latest updated with an external id is taken',
    rules: ['mostRecentProfile'],
    check: async (probe) => {
      await probe.track({
        attributes: [
          { external_id: 'one', email: 'a@b.co' },
          { external_id: 'two', email: 'a@b.co' },
        ],
      })
      await probe.track({
        attributes: [
          { user_alias: alias('anonymous'), email: 'a@b.co', _update_existing_only: false },
        ],
      })
      await probe.track({ attributes: [{ email: 'a@b.co', a: 1 }] })
      expect([await probe.custom('one'), await probe.custom('two')]).toEqual([{}, { a: 1 }])
      await probe.track({ attributes: [{ external_id: 'one', b: 1 }] })
      await probe.track({ attributes: [{ email: 'a@b.co', a: 2 }] })
      expect([await probe.custom('one'), await probe.custom('two')]).toEqual([
        { a: 2, b: 1 },
        { a: 1 },
      ])
    },
  },
  {
    title: 'an unknown email or phone makes a profile without an alias',
    rules: ['createByContact'],
    check: async (probe) => {
      await probe.track({
        attributes: [
          { email: 'a@b.co', a: 1 },
          { phone: '+491', a: 2 },
        ],
      })
      const { users } = await probe.look('users')
      expect(users).toMatchObject([
        { email: 'a@b.co', custom_attributes: { a: 1 } },
        { phone: '+491', custom_attributes: { a: 2 } },
      ])
      expect(users[0]).not.toHaveProperty('user_aliases')
    },
  },
  {
    title: 'an unknown external id with a known email makes a second profile',
    rules: ['duplicateProfile'],
    check: async (probe) => {
      await probe.track({ attributes: [{ external_id: 'one', email: 'a@b.co' }] })
      await probe.track({ attributes: [{ external_id: 'two', email: 'a@b.co' }] })
      expect(
        (await probe.look('users')).users.map((user: { external_id: string }) => user.external_id),
      ).toEqual(['one', 'two'])
    },
  },
  {
    title: 'a number as external id is its text',
    rules: ['numericExternalId'],
    check: async (probe) => {
      await probe.track({ attributes: [{ external_id: 1, a: 1 }] })
      expect(await probe.user('1')).toMatchObject({ external_id: '1' })
    },
  },
  {
    title: 'a Braze id finds its profile, and makes none',
    rules: [],
    check: async (probe) => {
      await probe.write({ a: 1 })
      const { braze_id: brazeId } = await probe.user()
      await probe.track({
        attributes: [
          { braze_id: brazeId, a: 2 },
          { braze_id: 'unknown', a: 3 },
        ],
      })
      expect(await probe.custom()).toEqual({ a: 2 })
      expect(await probe.drops()).toEqual(['unknown_user'])
    },
  },
  {
    title: 'a token import makes an anonymous profile',
    rules: [],
    check: async (probe) => {
      await probe.track({
        attributes: [
          {
            push_token_import: true,
            push_tokens: [{ app_id: 'a', token: 't', device_id: 'device-1' }],
          },
        ],
      })
      expect((await probe.look('users')).users).toMatchObject([
        { devices: [{ device_id: 'device-1' }] },
      ])
    },
  },
]

/** Aliases, identify, merge, delete and export: points 19 and 20. */
export const USERS: readonly Spec[] = [
  ...(
    [
      '/users/alias/new',
      '/users/alias/update',
      '/users/identify',
      '/users/delete',
      '/users/export/ids',
    ] as const
  ).map((path): Spec => ({
    title: `${path} takes 50 ids`,
    rules: ['idsPerRequest'],
    check: async (probe) => {
      const bodyOf = (count: number) => ({
        user_aliases: path === '/users/delete' ? [] : many(count, (index) => alias(`n${index}`)),
        alias_updates: many(count, () => ({
          alias_label: 'l',
          old_alias_name: 'a',
          new_alias_name: 'b',
        })),
        aliases_to_identify: many(count, (index) => ({
          external_id: `u${index}`,
          user_alias: alias(`n${index}`),
        })),
        external_ids: path === '/users/delete' ? many(count, (index) => `u${index}`) : [],
      })
      const seen = [await probe.send(path, bodyOf(50)), await probe.send(path, bodyOf(51))]
      expect(seen.map(({ status }) => status)).toEqual([201, 400])
      expect(seen[1].text).toBe('{"message":"The max number of ids per request was exceeded"}')
    },
  })),
  {
    title: 'alias/new answers alike for aliases that are new, taken or of nobody',
    rules: ['aliasUnique', 'aliasUnknownUser'],
    check: async (probe) => {
      await probe.track({
        attributes: [
          { external_id: 'one', a: 1 },
          { external_id: 'two', a: 2 },
        ],
      })
      for (const externalId of ['one', 'two', 'nobody']) {
        const seen = await probe.track(
          { user_aliases: [{ external_id: externalId, ...alias('n') }] },
          '/users/alias/new',
        )
        expect([seen.status, seen.text]).toEqual([
          201,
          '{"aliases_processed":1,"message":"success"}',
        ])
      }
      await probe.track(
        { user_aliases: [{ external_id: 'nobody', ...alias('free') }] },
        '/users/alias/new',
      )
      expect(await probe.user('one')).toMatchObject({ user_aliases: [alias('n')] })
      expect(await probe.user('two')).not.toHaveProperty('user_aliases')
      expect(await probe.user('nobody')).toBeNull()
    },
  },
  {
    title: 'a user has one name of a label',
    rules: ['aliasOnePerLabel'],
    check: async (probe) => {
      await probe.write({ a: 1 })
      for (const name of ['first', 'second'])
        await probe.track(
          { user_aliases: [{ external_id: 'u', ...alias(name) }] },
          '/users/alias/new',
        )
      expect((await probe.user()).user_aliases).toEqual([alias('first')])
    },
  },
  {
    title: 'an alias without external id makes a profile',
    rules: ['aliasOnly'],
    check: async (probe) => {
      await probe.track({ user_aliases: [alias('n')] }, '/users/alias/new')
      expect((await probe.look('users')).users).toMatchObject([{ user_aliases: [alias('n')] }])
    },
  },
  {
    title: 'an alias can be renamed, an unknown one is not',
    rules: ['aliasUpdate'],
    check: async (probe) => {
      await probe.track({ user_aliases: [alias('old')] }, '/users/alias/new')
      const updates = [
        { alias_label: 'l', old_alias_name: 'old', new_alias_name: 'new' },
        { alias_label: 'l', old_alias_name: 'absent', new_alias_name: 'x' },
      ]
      const seen = await probe.track({ alias_updates: updates }, '/users/alias/update')
      expect([seen.status, seen.text]).toEqual([201, '{"aliases_processed":2,"message":"success"}'])
      expect((await probe.look('users')).users).toMatchObject([{ user_aliases: [alias('new')] }])
    },
  },
  {
    title: 'identify gives an aliased profile its external id',
    rules: ['identifyAssign'],
    check: async (probe) => {
      await probe.track({
        attributes: [{ user_alias: alias('n'), a: 1, _update_existing_only: false }],
      })
      const seen = await probe.track(
        { aliases_to_identify: [{ external_id: 'u', user_alias: alias('n') }] },
        '/users/identify',
      )
      expect([seen.status, seen.text]).toEqual([201, '{"aliases_processed":1,"message":"success"}'])
      expect(await probe.user()).toMatchObject({ external_id: 'u', custom_attributes: { a: 1 } })
    },
  },
  {
    title: 'identify merges into a known user, and the anonymous profile is gone',
    rules: ['identifyMerge', 'mergeTarget'],
    check: async (probe) => {
      await probe.write({ a: 'kept', email: 'kept@b.co' })
      await probe.track({
        attributes: [
          {
            user_alias: alias('n'),
            a: 'lost',
            b: 'won',
            email: 'lost@b.co',
            phone: '+491',
            _update_existing_only: false,
          },
        ],
      })
      await probe.track(
        { aliases_to_identify: [{ external_id: 'u', user_alias: alias('n') }] },
        '/users/identify',
      )
      expect(await probe.user()).toMatchObject({
        email: 'kept@b.co',
        phone: '+491',
        custom_attributes: { a: 'kept', b: 'won' },
        user_aliases: [alias('n')],
      })
      expect((await probe.look('users')).total).toBe(1)
      expect(
        await probe.select({
          custom_attribute: { custom_attribute_name: 'b', comparison: 'equals', value: 'won' },
        }),
      ).toEqual(['u'])
    },
  },
  {
    title: 'identify does not merge when the user has an alias of the label',
    rules: ['identifySameLabel'],
    check: async (probe) => {
      await probe.write({ a: 1 })
      await probe.track(
        { user_aliases: [{ external_id: 'u', ...alias('own') }, alias('other')] },
        '/users/alias/new',
      )
      await probe.track(
        { aliases_to_identify: [{ external_id: 'u', user_alias: alias('other') }] },
        '/users/identify',
      )
      expect((await probe.look('users')).total).toBe(2)
      expect(await probe.drops()).toEqual(['alias_exists'])
    },
  },
  {
    title: 'identify lists entries without an external id',
    rules: ['identifyPartial'],
    check: async (probe) => {
      const seen = await probe.send('/users/identify', {
        aliases_to_identify: [{ user_alias: alias('n') }],
      })
      expect([seen.status, seen.text]).toEqual([
        201,
        `{"aliases_processed":0,"message":"success","errors":[{"type":"'external_id' is required","input_array":"user_identifiers","index":0}]}`,
      ])
    },
  },
  {
    title: 'identify by email takes the profile prioritization leaves, or none',
    rules: ['prioritization'],
    check: async (probe) => {
      for (const name of ['one', 'two'])
        await probe.track({
          attributes: [
            { user_alias: alias(name), email: 'a@b.co', name, _update_existing_only: false },
          ],
        })
      const identify = (prioritization: string[]) =>
        probe.track(
          { emails_to_identify: [{ external_id: 'u', email: 'a@b.co', prioritization }] },
          '/users/identify',
        )
      expect((await identify(['unidentified'])).text).toBe(
        '{"emails_processed":1,"message":"success"}',
      )
      expect(await probe.user()).toBeNull()
      await identify(['unidentified', 'least_recently_updated'])
      expect(await probe.custom()).toEqual({ name: 'one' })
    },
  },
  {
    title: 'a merge is 202, sums events, and keeps what the target has',
    rules: ['mergeEvents', 'mergeTarget'],
    check: async (probe) => {
      const at = (externalId: string, time: string) => ({
        external_id: externalId,
        name: 'E',
        time,
      })
      await probe.track({
        attributes: [
          { external_id: 'from', a: 'lost', b: 1 },
          { external_id: 'u', a: 'kept' },
        ],
        events: [at('from', '2026-01-01'), at('from', '2026-02-01'), at('u', '2026-01-15')],
      })
      const seen = await probe.track(
        {
          merge_updates: [
            {
              identifier_to_merge: { external_id: 'from' },
              identifier_to_keep: { external_id: 'u' },
            },
          ],
        },
        '/users/merge',
      )
      expect([seen.status, seen.text]).toEqual([202, '{"message":"success"}'])
      expect(await probe.user()).toMatchObject({
        custom_attributes: { a: 'kept', b: 1 },
        custom_events: [
          {
            name: 'E',
            first: '2026-01-01T00:00:00.000Z',
            last: '2026-02-01T00:00:00.000Z',
            count: 3,
          },
        ],
      })
      expect(await probe.user('from')).toBeNull()
    },
  },
  ...(
    [
      [{}, "'merge_updates' must be an array of objects"],
      [{ merge_updates: ['x'] }, "'merge_updates' must be an array of objects"],
      [
        { merge_updates: many(51, () => ({})) },
        'a single request may not contain more than 50 merge updates',
      ],
      [
        { merge_updates: [{ identifier_to_merge: {} }] },
        "'merge_updates' must only have 'identifier_to_merge' and 'identifier_to_keep'",
      ],
      [
        {
          merge_updates: [
            { identifier_to_merge: { external_id: 1 }, identifier_to_keep: { external_id: 'u' } },
          ],
        },
        "identifiers must be objects with an 'external_id' property that is a string, 'user_alias' property that is an object, 'email' property that is a string, or 'phone' property that is a string",
      ],
    ] as const
  ).map(([body, message], index): Spec => ({
    title: `merge refuses: ${message.slice(0, 60)} (${index})`,
    rules: ['mergeValidation'],
    check: async (probe) => {
      const seen = await probe.send('/users/merge', body)
      expect([seen.status, seen.body]).toEqual([400, { message }])
    },
  })),
  {
    title: 'delete removes profiles and their memberships',
    rules: ['deleteUsers'],
    check: async (probe) => {
      await probe.track({
        attributes: [
          { external_id: 'u', a: 1 },
          { external_id: 'other', a: 1 },
        ],
      })
      await probe.partner('cohorts/users', {
        cohort_id: 'c',
        cohort_changes: [{ user_ids: ['u', 'other'] }],
      })
      const seen = await probe.track({ external_ids: ['u', 'unknown'] }, '/users/delete')
      expect([seen.status, seen.text]).toEqual([201, '{"deleted":2,"message":"success"}'])
      expect(await probe.user()).toBeNull()
      expect((await probe.look('cohorts/c')).member_ids).toEqual(['other'])
    },
  },
  {
    title: 'delete takes one kind of identifier',
    rules: ['deleteOneKind'],
    check: async (probe) =>
      expect(
        (await probe.send('/users/delete', { external_ids: ['u'], braze_ids: ['b'] })).status,
      ).toBe(400),
  },
  {
    title: 'an export leaves empty fields out, and lists unknown ids',
    rules: ['exportOmitsEmpty', 'exportInvalidIds'],
    check: async (probe) => {
      await probe.write({ a: 1 })
      const seen = await probe.send('/users/export/ids', { external_ids: ['u', 'unknown'] })
      expect(seen.status).toBe(201)
      expect(seen.body).toEqual({
        users: [{ external_id: 'u', braze_id: expect.any(String), custom_attributes: { a: 1 } }],
        message: 'success',
        invalid_user_ids: ['unknown'],
      })
    },
  },
  {
    title: 'an export gives the fields that were asked for',
    rules: ['exportFields'],
    check: async (probe) => {
      await probe.write({ a: 1, email: 'a@b.co' })
      const seen = await probe.send('/users/export/ids', {
        external_ids: ['u'],
        fields_to_export: ['email'],
      })
      expect(seen.body.users).toEqual([{ email: 'a@b.co' }])
    },
  },
  {
    title: 'new accounts must say which fields',
    rules: ['exportFields'],
    options: { settings: { account: 'new_account' } },
    check: async (probe) =>
      expect((await probe.send('/users/export/ids', { external_ids: ['u'] })).status).toBe(400),
  },
]
