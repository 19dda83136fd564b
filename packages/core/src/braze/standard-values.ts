import { isJsonObject, own } from '@engage-sync/contract'
import type { Json, JsonObject } from '@engage-sync/contract'
import { castTo } from '../values/cast.ts'
import { accept } from '../values/encode-result.ts'
import type { EncodeResult } from '../values/encode-result.ts'
import { parseInstant, timeZoneName } from '../values/instant.ts'
import { typeInWords } from '../values/json-type.ts'
import { refuse } from './codes.ts'
import type { BrazeCode } from './codes.ts'
import { countryCode } from './country-codes.ts'
import { languageCode } from './language-codes.ts'
import { checkAttributeLimits, checkReplacingLimits, MAX_IMAGE_URL_CHARACTERS } from './limits.ts'

/**
 * Brings a present value (never null) of a standard attribute into the form Braze documents, or
 * rejects it.
 */
export type Normalise = (value: Json) => EncodeResult

const EMAIL =
  /^[^\s@"(),:;<>[\\\]]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u

const GENDERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    M: 'm male man',
    F: 'f w female woman',
    O: 'o other nonbinary',
    N: 'n notapplicable na',
    P: 'p prefernottosay undisclosed',
  }).flatMap(([letter, words]) => words.split(' ').map((word): [string, string] => [word, letter])),
)

/** Text of at most 255 characters; numbers and booleans as text. */
export const plainText: Normalise = (value) => {
  const text = castTo('string')(value)
  return text.ok ? checkAttributeLimits(text.value) : text
}

/** An e-mail address: trimmed, lower case, checked. */
export const email: Normalise = withText('STANDARD_EMAIL', 'an e-mail address', (text) => {
  const address = text.toLowerCase()
  return EMAIL.test(address) && !address.includes('..') && address.length <= 254 ? address : null
})

/**
 * A phone number: punctuation removed, `00` as `+`; E.164 where a country code is there, the bare
 * digits otherwise.
 */
export const phone: Normalise = (value) => {
  const text =
    typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? String(value) : value
  return withText('STANDARD_PHONE', 'a phone number of 4 to 15 digits', phoneDigits)(text)
}

function phoneDigits(text: string): string | null {
  const bare = text
    .replace(/^tel:/iu, '')
    .replace(/\(0\)/gu, '')
    .replace(/[\s().\-/\u2010-\u2015]/gu, '')
  const international = bare.replace(/^00(?=[1-9])/u, '+')
  return /^(?:\+[1-9]\d{6,14}|\d{4,15})$/u.test(international) ? international : null
}

/** A gender as one of Braze's letters. */
export const gender: Normalise = withText(
  'STANDARD_GENDER',
  'M, F, O, N or P, or a word for one of them',
  (text) => GENDERS.get(text.toLowerCase().replace(/[^a-z]/gu, '')) ?? null,
)

/** A country as ISO 3166-1 alpha-2. */
export const country: Normalise = withText(
  'STANDARD_COUNTRY',
  'a country as ISO 3166-1 code or English name',
  countryCode,
)

/** A language as ISO 639-1. */
export const language: Normalise = withText(
  'STANDARD_LANGUAGE',
  'a language as ISO 639-1 code, locale or English name',
  languageCode,
)

/** A time zone of the IANA database, spelled as it is there. */
export const timeZone: Normalise = withText(
  'STANDARD_TIME_ZONE',
  'an IANA time zone such as Europe/Berlin',
  timeZoneName,
)

/** A date of birth as `YYYY-MM-DD`; the clock time of a longer text is cut off. */
export const dateOfBirth: Normalise = withText('STANDARD_DOB', 'a date as YYYY-MM-DD', (text) => {
  const date = text.slice(0, 10)
  if (!/^\d{4}-\d{2}-\d{2}$/u.test(date) || parseInstant(text) === null || date < '1000')
    return null
  return date
})

/** A subscription state as Braze spells it. */
export const subscriptionState: Normalise = withText(
  'STANDARD_SUBSCRIPTION',
  'opted_in, subscribed or unsubscribed',
  (text) => {
    const state = text.toLowerCase().replace(/[\s-]+/gu, '_')
    return ['opted_in', 'subscribed', 'unsubscribed'].includes(state) ? state : null
  },
)

/** A URL of a picture. */
export const imageUrl: Normalise = withText(
  'STANDARD_IMAGE_URL',
  `an http or https URL of at most ${MAX_IMAGE_URL_CHARACTERS} characters`,
  (text) =>
    text.length <= MAX_IMAGE_URL_CHARACTERS && /^https?:\/\/\S+$/iu.test(text) ? text : null,
)

/** A date with clock time, as ISO text. */
export const dateTime: Normalise = (value) => castTo('time')(value)

/** true or false. */
export const flag: Normalise = (value) => castTo('boolean')(value)

/** A place: longitude and latitude in degrees. Other members are dropped. */
export const location: Normalise = (value) => {
  if (!isJsonObject(value))
    return wrongType('STANDARD_LOCATION', 'an object of longitude and latitude', value)
  const longitude = degrees(own(value, 'longitude') ?? null, 180)
  const latitude = degrees(own(value, 'latitude') ?? null, 90)
  if (longitude === null || latitude === null) {
    return refuse(
      'STANDARD_LOCATION',
      'expected longitude within 180 and latitude within 90 degrees, got something else',
    )
  }
  return accept({ latitude, longitude })
}

function degrees(value: Json, limit: number): number | null {
  const number = castTo('number')(value)
  return number.ok && typeof number.value === 'number' && Math.abs(number.value) <= limit
    ? number.value
    : null
}

/** A list of subscription groups with their states. */
export const subscriptionGroups: Normalise = (value) => {
  const isGroup = (item: Json): boolean =>
    isJsonObject(item) &&
    isText(item, 'subscription_group_id') &&
    ['subscribed', 'unsubscribed'].includes(String(own(item, 'subscription_state')))
  if (Array.isArray(value) && value.every(isGroup)) return accept(value)
  return refuse(
    'STANDARD_SUBSCRIPTION',
    'expected a list of {subscription_group_id, subscription_state: subscribed | unsubscribed}',
  )
}

/** A list of push tokens. */
export const pushTokens: Normalise = (value) => {
  const isToken = (item: Json): boolean =>
    isJsonObject(item) && isText(item, 'app_id') && isText(item, 'token')
  if (Array.isArray(value) && value.every(isToken)) return accept(value)
  return refuse('STANDARD_PUSH_TOKENS', 'expected a list of {app_id, token}')
}

/** An object that is passed on, within Braze's limits. */
export const plainObject: Normalise = (value) => {
  const object = castTo('object')(value)
  return object.ok ? checkReplacingLimits(object.value) : object
}

function isText(object: JsonObject, key: string): boolean {
  const value = own(object, key)
  return typeof value === 'string' && value !== ''
}

/** A normaliser for text: trims, then asks `read`, which answers null for what it does not know. */
function withText(code: BrazeCode, what: string, read: (text: string) => string | null): Normalise {
  return (value) => {
    if (typeof value !== 'string') return wrongType(code, what, value)
    const text = read(value.trim())
    return text === null ? refuse(code, `expected ${what}, got a text that is none`) : accept(text)
  }
}

function wrongType(code: BrazeCode, what: string, value: Json): EncodeResult {
  return refuse(code, `expected ${what}, got ${typeInWords(value)}`)
}
