import { expect } from 'vitest'
import type { Spec } from './probe.ts'

const CREATE = { cohort_id: 'c', name: 'Fans', created_at: '2026-03-01T09:30:00.000Z' }
const CHANGES_TEXT =
  '`cohort_changes` must be an array of objects each with key `user_ids` and/or `device_ids` mapping to an array of strings, or an `aliases` object'
const PATHS = ['cohorts', 'cohorts/users'] as const

/** Cohorts: points 21 to 23. */
export const COHORTS: readonly Spec[] = [
  {
    title: 'a cohort is made, and filled',
    rules: [],
    check: async (probe) => {
      await probe.write({ a: 1 })
      const seen = [
        await probe.partner('cohorts', CREATE),
        await probe.partner('cohorts/users', {
          cohort_id: 'c',
          cohort_changes: [{ user_ids: ['u'] }],
        }),
      ]
      expect(seen.map(({ status, text }) => [status, text])).toEqual([
        [201, '{"message":"success"}'],
        [201, '{"message":"success"}'],
      ])
      expect((await probe.user()).cohorts).toEqual(['Fans'])
      expect(await probe.look('cohorts')).toEqual({
        cohorts: [{ id: 'c', name: 'Fans', created_at: CREATE.created_at, members: 1 }],
      })
      expect(await probe.look('cohorts/Fans')).toMatchObject({
        id: 'c',
        members: 1,
        member_ids: ['u'],
      })
    },
  },
  ...PATHS.map((path): Spec => ({
    title: `${path}: a wrong partner key is 401`,
    rules: ['partnerKey'],
    check: async (probe) => {
      const seen = await probe.partner(path, {
        ...CREATE,
        cohort_changes: [],
        partner_api_key: 'wrong',
      })
      expect([seen.status, seen.text]).toEqual([401, '{"message":"Invalid Partner API key"}'])
    },
  })),
  {
    title: 'another partner is 401',
    rules: [],
    check: async (probe) => {
      const body = { ...CREATE, partner_api_key: 'simulator', client_secret: 'simulator' }
      expect((await probe.send('/partners/segment/cohorts', body, { key: null })).status).toBe(401)
    },
  },
  ...PATHS.map((path): Spec => ({
    title: `${path}: a wrong client secret is 401`,
    rules: ['clientSecret'],
    check: async (probe) => {
      const seen = await probe.partner(path, {
        ...CREATE,
        cohort_changes: [],
        client_secret: 'wrong',
      })
      expect([seen.status, seen.text]).toEqual([401, '{"message":"Invalid client secret"}'])
    },
  })),
  {
    title: 'a partner that is not enabled is 401, and its secret echoed',
    rules: ['partnerEnabled'],
    options: {
      partners: [
        {
          name: 'simulator',
          partnerApiKey: 'simulator',
          clientSecret: 'simulator',
          isEnabled: false,
        },
      ],
    },
    check: async (probe) => {
      const seen = await probe.partner('cohorts', CREATE)
      expect([seen.status, seen.text]).toEqual([
        401,
        '{"message":"Partner not enabled for client with client secret: simulator"}',
      ])
    },
  },
  {
    title: 'keys are checked before fields',
    rules: ['cohortCheckOrder'],
    check: async (probe) => {
      const seen = [
        await probe.partner('cohorts', { partner_api_key: 'wrong' }),
        await probe.partner('cohorts/users', { client_secret: 'wrong' }),
      ]
      expect(seen.map(({ status }) => status)).toEqual([401, 401])
    },
  },
  ...(
    [
      [{ cohort_id: '' }, '`cohort_id` must be a valid string'],
      [{ cohort_id: 1 }, '`cohort_id` must be a valid string'],
      [{ name: '' }, '`name` must be a non-empty string'],
      [{ created_at: 'yesterday' }, '`created_at` must be a valid time as an ISO-8601 string'],
      [{ created_at: 1_772_000_000 }, '`created_at` must be a valid time as an ISO-8601 string'],
    ] as const
  ).map(([wrong, message]): Spec => ({
    title: `a cohort of ${JSON.stringify(wrong)} is refused`,
    rules: ['cohortFields'],
    check: async (probe) => {
      const seen = await probe.partner('cohorts', { ...CREATE, ...wrong })
      expect([seen.status, seen.body]).toEqual([400, { message }])
    },
  })),
  {
    title: 'the same id with another name is a rename',
    rules: ['cohortRename'],
    check: async (probe) => {
      await probe.write({ a: 1 })
      await probe.partner('cohorts', CREATE)
      await probe.partner('cohorts/users', {
        cohort_id: 'c',
        cohort_changes: [{ user_ids: ['u'] }],
      })
      await probe.partner('cohorts', { ...CREATE, name: 'Friends' })
      expect((await probe.look('cohorts')).cohorts).toMatchObject([
        { id: 'c', name: 'Friends', members: 1 },
      ])
    },
  },
  ...[
    undefined,
    {},
    'u',
    ['u'],
    [{}],
    [{ user_ids: 'u' }],
    [{ user_ids: [1] }],
    [{ aliases: 'n' }],
  ].map((changes): Spec => ({
    title: `changes of ${JSON.stringify(changes)} are refused`,
    rules: ['cohortChanges'],
    check: async (probe) => {
      const seen = await probe.partner('cohorts/users', { cohort_id: 'c', cohort_changes: changes })
      expect([seen.status, seen.body]).toEqual([400, { message: CHANGES_TEXT }])
    },
  })),
  {
    title: 'no changes at all pass: that is how credentials are tested',
    rules: [],
    check: async (probe) =>
      expect(
        (await probe.partner('cohorts/users', { cohort_id: 'c', cohort_changes: [] })).status,
      ).toBe(201),
  },
  {
    title: '1,000 ids over all kinds and changes pass, one more does not',
    rules: ['cohortIds'],
    check: async (probe) => {
      const ids = (count: number, letter: string) =>
        Array.from({ length: count }, (_, index) => `${letter}${index}`)
      const changes = (count: number) => [
        { user_ids: ids(count, 'u'), device_ids: ids(1, 'd') },
        { aliases: [{ alias_name: 'n', alias_label: 'l' }], should_remove: true },
      ]
      const seen = [
        await probe.partner('cohorts/users', { cohort_id: 'c', cohort_changes: changes(998) }),
        await probe.partner('cohorts/users', { cohort_id: 'c', cohort_changes: changes(999) }),
      ]
      expect(seen.map(({ status }) => status)).toEqual([201, 400])
      expect(seen[1].body.message).toBe(
        'Only 1,000 `user_ids`, `device_ids`, and `aliases` are allowed per request',
      )
    },
  },
  {
    title: 'only existing users become members, and no profile is made',
    rules: ['cohortExisting'],
    check: async (probe) => {
      await probe.partner('cohorts/users', {
        cohort_id: 'c',
        cohort_changes: [{ user_ids: ['nobody'] }],
      })
      expect((await probe.look('users')).total).toBe(0)
      expect(await probe.drops()).toEqual(['unknown_user'])
    },
  },
  {
    title:
      'aliases and devices of anonymous users become members, devices of identified ones do not',
    rules: ['cohortDevices'],
    check: async (probe) => {
      const token = (device: string) => [{ app_id: 'a', token: 't', device_id: device }]
      await probe.track({
        attributes: [
          { push_token_import: true, push_tokens: token('device-a') },
          { external_id: 'u', push_tokens: token('device-b') },
          { user_alias: { alias_name: 'n', alias_label: 'l' }, _update_existing_only: false },
        ],
      })
      const change = {
        device_ids: ['device-a', 'device-b'],
        aliases: [{ alias_name: 'n', alias_label: 'l' }],
      }
      await probe.partner('cohorts/users', { cohort_id: 'c', cohort_changes: [change] })
      expect((await probe.look('cohorts/c')).members).toBe(2)
      expect((await probe.user()).cohorts).toEqual([])
      expect(await probe.drops()).toEqual(['device_of_identified_user'])
    },
  },
  {
    title: 'changes for an unknown cohort make it, without a name',
    rules: ['cohortUnknown'],
    check: async (probe) => {
      await probe.partner('cohorts/users', { cohort_id: 'c', cohort_changes: [] })
      expect((await probe.look('cohorts')).cohorts).toMatchObject([
        { id: 'c', name: null, members: 0 },
      ])
    },
  },
  {
    title: 'changes apply in array order',
    rules: ['cohortOrder'],
    check: async (probe) => {
      await probe.write({ a: 1 })
      await probe.partner('cohorts/users', {
        cohort_id: 'c',
        cohort_changes: [{ user_ids: ['u'] }, { user_ids: ['u'], should_remove: true }],
      })
      expect((await probe.user()).cohorts).toEqual([])
    },
  },
  {
    title: 'overlapping requests for one cohort are 423 when the switch is on, others are not',
    rules: ['cohortLock'],
    options: { settings: { cohortLock: true, applyDelayMs: 60_000 } },
    check: async (probe) => {
      const send = (cohort: string) =>
        probe.send('/partners/simulator/cohorts/users', {
          partner_api_key: 'simulator',
          client_secret: 'simulator',
          cohort_id: cohort,
          cohort_changes: [],
        })
      const seen = [await send('c'), await send('c'), await send('d')]
      expect(seen.map(({ status }) => status)).toEqual([201, 423, 201])
      expect(seen[1].text).toBe('{"message":"Resource locked"}')
      probe.simulator.settle()
      expect((await send('c')).status).toBe(201)
    },
  },
]
