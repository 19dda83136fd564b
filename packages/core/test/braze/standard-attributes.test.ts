import { describe, expect, it } from 'vitest'
import type { Json } from '@engage-sync/contract'
import { standardType } from '../../src/braze/attribute-names.ts'
import { countryCode } from '../../src/braze/country-codes.ts'
import { languageCode } from '../../src/braze/language-codes.ts'
import { STANDARD_ATTRIBUTES } from '../../src/braze/standard-attributes.ts'
import { castTo } from '../../src/values/cast.ts'

const normalise = (name: string, value: Json) => STANDARD_ATTRIBUTES.get(name)!.normalise(value)

describe('standard attributes', () => {
  it.each<[string, Json, Json]>([
    ['email', ' Ada.L+x@Example.CO.uk ', 'ada.l+x@example.co.uk'],
    ['phone', '+1 (415) 555-1234', '+14155551234'],
    ['phone', '0049 30 123456', '+4930123456'],
    ['phone', '+44 (0)20 7946 0958', '+442079460958'],
    ['phone', 'tel:+4930-123456', '+4930123456'],
    ['phone', '030/123456', '030123456'],
    ['phone', 14155551234, '14155551234'],
    ['gender', 'Female', 'F'],
    ['gender', 'm', 'M'],
    ['gender', 'Non-binary', 'O'],
    ['gender', 'not applicable', 'N'],
    ['gender', 'Prefer not to say', 'P'],
    ['country', 'usa', 'US'],
    ['country', 'Côte d’Ivoire', 'CI'],
    ['country', 'de', 'DE'],
    ['language', 'en-GB', 'en'],
    ['language', 'German', 'de'],
    ['time_zone', 'Europe/Berlin', 'Europe/Berlin'],
    ['time_zone', 'europe/berlin', 'Europe/Berlin'],
    ['gender', 'w', 'F'],
    ['language', 'iw', 'he'],
    ['language', 'in_ID', 'id'],
    ['language', 'ji', 'yi'],
    ['dob', '1990-02-03', '1990-02-03'],
    ['dob', '1990-02-03T00:00:00.000Z', '1990-02-03'],
    ['email_subscribe', 'Opted-In', 'opted_in'],
    ['push_subscribe', 'unsubscribed', 'unsubscribed'],
    [
      'current_location',
      { longitude: '13.4', latitude: 52.5, accuracy: 9 },
      { latitude: 52.5, longitude: 13.4 },
    ],
    ['image_url', 'https://example.com/a.png', 'https://example.com/a.png'],
    ['first_name', 'Ada', 'Ada'],
    ['first_name', 7, '7'],
    ['email_open_tracking_disabled', 'true', true],
    ['date_of_first_session', 1767607200, '2026-01-05T10:00:00.000Z'],
    [
      'subscription_groups',
      [{ subscription_group_id: 'g', subscription_state: 'subscribed' }],
      [{ subscription_group_id: 'g', subscription_state: 'subscribed' }],
    ],
  ])('%s: %j becomes %j', (name, value, expected) => {
    const result = normalise(name, value)

    expect(result).toEqual({ ok: true, value: expected })
    expect(normalise(name, expected)).toEqual(result)
  })

  it.each<[string, Json, string]>([
    ['email', '', 'STANDARD_EMAIL'],
    ['email', 'ada@localhost', 'STANDARD_EMAIL'],
    ['email', 'ada..l@example.com', 'STANDARD_EMAIL'],
    ['email', 7, 'STANDARD_EMAIL'],
    ['phone', 'call me', 'STANDARD_PHONE'],
    ['phone', '+123', 'STANDARD_PHONE'],
    ['gender', 'x', 'STANDARD_GENDER'],
    ['country', 'Atlantis', 'STANDARD_COUNTRY'],
    ['language', 'Klingon', 'STANDARD_LANGUAGE'],
    ['time_zone', '+02:00', 'STANDARD_TIME_ZONE'],
    ['dob', '03/02/1990', 'STANDARD_DOB'],
    ['dob', '1990-02-31', 'STANDARD_DOB'],
    ['email_subscribe', true, 'STANDARD_SUBSCRIPTION'],
    ['current_location', { longitude: 200, latitude: 0 }, 'STANDARD_LOCATION'],
    ['current_location', 'Berlin', 'STANDARD_LOCATION'],
    ['image_url', 'ftp://example.com/a.png', 'STANDARD_IMAGE_URL'],
    ['image_url', `https://example.com/${'a'.repeat(1024)}`, 'STANDARD_IMAGE_URL'],
    ['home_city', 'x'.repeat(256), 'LIMIT_STRING'],
    ['subscription_groups', [{ subscription_group_id: 'g' }], 'STANDARD_SUBSCRIPTION'],
    ['push_tokens', [{ app_id: 'a' }], 'STANDARD_PUSH_TOKENS'],
  ])('%s: %j is rejected, without its value in the message', (name, value, code) => {
    const result = normalise(name, value)

    expect(result).toMatchObject({ ok: false, rejection: { code } })
    if (!result.ok && typeof value === 'string' && value.length > 2)
      expect(result.rejection.message).not.toContain(value)
  })

  it('has a cast for each type it declares', () => {
    for (const { type } of STANDARD_ATTRIBUTES.values())
      expect(castTo(type)(null)).toEqual({ ok: true, value: null })
  })

  it('has the types the configuration takes them for', () => {
    for (const [name, { type }] of STANDARD_ATTRIBUTES)
      expect([name, standardType(name)]).toEqual([name, type])
  })
})

it.each([
  ['DE', 'DE'],
  ['deu', 'DE'],
  ['germany', 'DE'],
  ['South Korea', 'KR'],
  ['Congo', 'CG'],
  ['UK', 'GB'],
  ['Türkiye', 'TR'],
  ['Korea', null],
  ['XX', null],
  ['', null],
])('countryCode(%j) is %j', (text, code) => {
  expect(countryCode(text)).toBe(code)
})

it.each([
  ['EN', 'en'],
  ['pt_BR', 'pt'],
  ['zh-Hans-CN', 'zh'],
  ['ger', 'de'],
  ['english', 'en'],
  ['xx', null],
  ['', null],
])('languageCode(%j) is %j', (text, code) => {
  expect(languageCode(text)).toBe(code)
})
