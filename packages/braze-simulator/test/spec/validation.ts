import { expect } from 'vitest'
import type { RuleName } from '../../src/index.ts'
import type { Spec } from './probe.ts'

const TIME = '2026-03-01T09:30:00Z'
const NO_DATA = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."
const users = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ external_id: `u${index}`, a: 1 }))
const events = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ external_id: `u${index}`, name: 'E', time: TIME }))

/** A spec that one object is refused with a type. */
function refused(
  rule: RuleName,
  array: 'attributes' | 'events' | 'purchases',
  object: unknown,
  type: string,
  code = type,
): Spec {
  return {
    title: `${array}: ${JSON.stringify(object).slice(0, 90)} is refused`,
    rules: [rule],
    check: async (probe) => {
      const good = { attributes: [{ external_id: 'good', a: 1 }] }
      const sent =
        array === 'attributes'
          ? { attributes: [good.attributes[0], object] }
          : { ...good, [array]: [object] }
      for (const [style, wanted] of [
        ['text', type],
        ['code', code],
      ] as const) {
        probe.simulator.settings.errorStyle = style
        const seen = await probe.track(sent)
        expect(seen.status).toBe(201)
        expect(seen.body.errors).toEqual([
          { type: wanted, input_array: array, index: array === 'attributes' ? 1 : 0 },
        ])
      }
    },
  }
}

/** Limits, partial answers and refusals of single objects: points 7 and 9 to 12. */
export const VALIDATION: readonly Spec[] = [
  {
    title: '75 objects in all pass, 76 do not, and nothing of them is written',
    rules: ['objectLimit'],
    check: async (probe) => {
      expect((await probe.track({ attributes: users(70), events: events(5) })).status).toBe(201)
      const seen = await probe.track({
        attributes: [...users(70), { external_id: 'extra', a: 1 }],
        events: events(5),
      })
      expect([seen.status, seen.text]).toEqual([400, '{"message":"Max Input Length Exceeded"}'])
      expect(await probe.user('extra')).toBeNull()
    },
  },
  {
    title: '75 of each array pass in the legacy mode',
    rules: ['objectLimit'],
    options: { settings: { objectLimit: 'perArray75' } },
    check: async (probe) => {
      expect((await probe.track({ attributes: users(75), events: events(75) })).status).toBe(201)
      expect((await probe.track({ attributes: users(76) })).status).toBe(400)
    },
  },
  {
    title: '50 objects in all pass in the older mode',
    rules: ['objectLimit'],
    options: { settings: { objectLimit: 'combined50' } },
    check: async (probe) => {
      expect((await probe.track({ attributes: users(50) })).status).toBe(201)
      expect((await probe.track({ attributes: users(51) })).status).toBe(400)
    },
  },
  {
    title: 'bulk takes 1,000 objects',
    rules: ['bulkObjectLimit'],
    check: async (probe) => {
      expect((await probe.track({ attributes: users(1000) }, '/users/track/bulk')).status).toBe(201)
      expect((await probe.track({ attributes: users(1001) }, '/users/track/bulk')).status).toBe(400)
    },
  },
  {
    title: 'bulk takes 100 objects of a profile',
    rules: ['bulkProfileLimit'],
    check: async (probe) => {
      const same = (count: number) =>
        Array.from({ length: count }, () => ({ external_id: 'u', a: 1 }))
      expect((await probe.track({ attributes: same(100) }, '/users/track/bulk')).status).toBe(201)
      expect((await probe.track({ attributes: same(101) }, '/users/track/bulk')).status).toBe(400)
    },
  },
  {
    title: 'sync takes one object, and shows what is written',
    rules: ['syncObjectLimit'],
    check: async (probe) => {
      const seen = await probe.send('/users/track/sync', {
        attributes: [{ external_id: 'u', a: 1 }],
      })
      expect([seen.status, seen.body]).toEqual([
        201,
        { users: [{ external_id: 'u', custom_attributes: { a: 1 } }], message: 'success' },
      ])
      expect((await probe.send('/users/track/sync', { attributes: users(2) })).status).toBe(400)
    },
  },
  {
    title: 'an empty request is 400 without errors',
    rules: ['allInvalid'],
    check: async (probe) => {
      for (const body of [{}, { attributes: [] }, { other: 1 }]) {
        const seen = await probe.track(body)
        expect([seen.status, seen.body]).toEqual([400, { message: NO_DATA }])
      }
    },
  },
  {
    title: 'invalid objects alone are 400 with errors',
    rules: ['allInvalid'],
    check: async (probe) => {
      const seen = await probe.track({ attributes: [{ a: 1 }], events: ['E'] })
      expect(seen.status).toBe(400)
      expect(seen.body.message).toBe(NO_DATA)
      expect(
        seen.body.errors.map((error: { input_array: string; index: number }) => [
          error.input_array,
          error.index,
        ]),
      ).toEqual([
        ['attributes', 0],
        ['events', 0],
      ])
    },
  },
  {
    title: 'valid objects beside invalid ones are counted and written',
    rules: ['partialErrors', 'omitZeroCounts'],
    check: async (probe) => {
      const seen = await probe.track({
        attributes: [{ a: 1 }],
        events: [{ external_id: 'u', name: 'E', time: TIME }],
      })
      expect(seen.text).toBe(
        `{"events_processed":1,"message":"success","errors":[{"type":"'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required","input_array":"attributes","index":0}]}`,
      )
      expect((await probe.user()).custom_events).toHaveLength(1)
    },
  },
  {
    title: 'counts come in order, then the message',
    rules: ['answerOrder'],
    check: async (probe) => {
      const purchase = { external_id: 'u', product_id: 'p', currency: 'USD', price: 1, time: TIME }
      const seen = await probe.track({
        purchases: [purchase],
        events: events(1),
        attributes: users(1),
      })
      expect([seen.status, seen.text]).toEqual([
        201,
        '{"attributes_processed":1,"events_processed":1,"purchases_processed":1,"message":"success"}',
      ])
    },
  },
  refused(
    'identifierRequired',
    'attributes',
    { a: 1 },
    "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required",
  ),
  refused(
    'onePrimaryIdentifier',
    'attributes',
    { external_id: 'u', braze_id: 'b' },
    'MULTIPLE_PRIMARY_IDENTIFIERS',
  ),
  refused(
    'onePrimaryIdentifier',
    'events',
    { external_id: 'u', user_alias: { alias_name: 'n', alias_label: 'l' }, name: 'E', time: TIME },
    'MULTIPLE_PRIMARY_IDENTIFIERS',
  ),
  refused(
    'externalIdSize',
    'attributes',
    { external_id: 'é'.repeat(494) },
    "'external_id' must be fewer than 988 bytes",
    'EXTERNAL_USER_ID_TOO_LARGE',
  ),
  refused(
    'aliasShape',
    'attributes',
    { user_alias: { alias_name: '', alias_label: 'l' } },
    "'user_alias' is not valid",
  ),
  refused(
    'aliasShape',
    'attributes',
    { user_alias: { alias_name: 'n'.repeat(237), alias_label: 'l' } },
    "'user_alias' is not valid",
  ),
  {
    ...refused(
      'blockedUser',
      'attributes',
      { external_id: 'dummy' },
      'provided external_id is blacklisted and disallowed',
      'BLACKLISTED_EXTERNAL_USER_ID',
    ),
    options: { settings: { blockedUsers: ['dummy'] } },
  },
  ...['', 'no-at', 'a@b', 'a b@c.de'].map((email) =>
    refused(
      'emailFormat',
      'attributes',
      { external_id: 'u', email },
      "The value provided for the 'email' field is not a valid email.",
      'EMAIL_BAD_FORMAT',
    ),
  ),
  refused(
    'subscribeState',
    'attributes',
    { external_id: 'u', email_subscribe: 'yes' },
    'BAD_EMAIL_SUBSCRIPTION_STATE',
  ),
  refused(
    'subscribeState',
    'attributes',
    { external_id: 'u', push_subscribe: true },
    'BAD_PUSH_SUBSCRIPTION_STATE',
  ),
  refused(
    'location',
    'attributes',
    { external_id: 'u', current_location: { longitude: 1 } },
    'BAD_LOCATION_UPDATE',
  ),
  refused(
    'subscriptionGroups',
    'attributes',
    { external_id: 'u', subscription_groups: 'g' },
    'BAD_SUBSCRIPTION_GROUP_ARRAY',
  ),
  refused(
    'subscriptionGroups',
    'attributes',
    { external_id: 'u', subscription_groups: ['g'] },
    'BAD_SUBSCRIPTION_GROUP_HASH',
  ),
  refused(
    'subscriptionGroups',
    'attributes',
    { external_id: 'u', subscription_groups: [{ subscription_state: 'subscribed' }] },
    'BAD_SUBSCRIPTION_GROUP_ID',
  ),
  refused(
    'subscriptionGroups',
    'attributes',
    {
      external_id: 'u',
      subscription_groups: [{ subscription_group_id: 'g', subscription_state: 'opted_in' }],
    },
    'BAD_SUBSCRIPTION_GROUP_STATE',
  ),
  refused(
    'pushTokens',
    'attributes',
    { external_id: 'u', push_tokens: 't' },
    'BAD_PUSH_TOKEN_VALUE',
  ),
  refused(
    'pushTokens',
    'attributes',
    { external_id: 'u', push_tokens: [{ app_id: 'a' }] },
    'BAD_PUSH_TOKEN_STRING',
  ),
  refused(
    'pushTokens',
    'attributes',
    { external_id: 'u', push_tokens: [{ token: 't' }] },
    'BAD_PUSH_TOKEN_APP_ID',
  ),
  refused(
    'pushTokens',
    'attributes',
    { external_id: 'u', push_tokens: [{ token: 't', app_id: 'a', device_id: 'short' }] },
    'BAD_DEVICE_ID',
  ),
  refused('pushTokenImport', 'attributes', { push_token_import: true }, 'BAD_PUSH_TOKEN_IMPORT'),
  refused(
    'pushTokenImport',
    'attributes',
    { external_id: 'u', push_token_import: true, push_tokens: [{ token: 't', app_id: 'a' }] },
    'BAD_PUSH_TOKEN_IMPORT',
  ),
  refused(
    'emailInfo',
    'attributes',
    { external_id: 'u', email_subscription_info: {} },
    'INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO',
  ),
  refused('eventName', 'events', { external_id: 'u', time: TIME }, "'name' is required"),
  refused('eventName', 'events', { external_id: 'u', name: '', time: TIME }, "'name' is required"),
  refused('eventTime', 'events', { external_id: 'u', name: 'E' }, "'time' is required"),
  refused(
    'eventTime',
    'events',
    { external_id: 'u', name: 'E', time: 'soon' },
    "'time' is not valid",
  ),
  refused(
    'eventTime',
    'events',
    { external_id: 'u', name: 'E', time: 1_772_000_000 },
    "'time' is not valid",
  ),
  ...['time', 'event_name', '', '$x', 'n'.repeat(256)].map((key) =>
    refused(
      'propertyNames',
      'events',
      { external_id: 'u', name: 'E', time: TIME, properties: { [key]: 1 } },
      "Invalid 'properties' field",
    ),
  ),
  refused(
    'propertySize',
    'events',
    { external_id: 'u', name: 'E', time: TIME, properties: { list: ['x'.repeat(102_400)] } },
    "Invalid 'properties' field",
  ),
  refused(
    'purchaseFields',
    'purchases',
    { external_id: 'u', currency: 'USD', price: 1, time: TIME },
    "'product_id' is required",
  ),
  refused(
    'purchaseFields',
    'purchases',
    { external_id: 'u', product_id: 'p', currency: 'US', price: 1, time: TIME },
    "'currency' is not valid",
  ),
  refused(
    'purchaseFields',
    'purchases',
    { external_id: 'u', product_id: 'p', currency: 'USD', price: '1', time: TIME },
    "'price' is not valid",
  ),
  refused(
    'purchaseFields',
    'purchases',
    { external_id: 'u', product_id: 'p', currency: 'USD', price: 1, quantity: 0, time: TIME },
    "'quantity' is not valid",
  ),
  {
    title: 'an external id of 987 bytes, an alias of 236 bytes and a device of 8 bytes pass',
    rules: [],
    check: async (probe) => {
      const seen = await probe.track({
        attributes: [
          { external_id: 'x'.repeat(987), a: 1 },
          { user_alias: { alias_name: 'n'.repeat(236), alias_label: 'l' }, a: 1 },
          { external_id: 'u', push_tokens: [{ token: 't', app_id: 'a', device_id: '12345678' }] },
        ],
      })
      expect(seen.body).toEqual({ attributes_processed: 3, message: 'success' })
    },
  },
]
