import { itemAt } from '@engage-sync/core'
import type { Json, JsonObject } from '@engage-sync/core'
import type { EventUser } from './build.ts'
import { base62 } from './ksuid.ts'
import { hashOf } from '../random/index.ts'

const FIRST_NAMES = [
  'Ada',
  'Björn',
  'Chloé',
  'Dana',
  'Emre',
  'Fatima',
  'Goro',
  'Hana',
  'Ivo',
  'Jana',
  'Kofi',
  'Lena',
  'Mara',
  'Nils',
  'Oona',
  'Pia',
]
const LAST_NAMES = [
  'Archer',
  'Baker',
  'Carver',
  'Dyer',
  'Fisher',
  'Glover',
  'Hunter',
  'Mason',
  'Miller',
  'Porter',
  'Sawyer',
  'Weaver',
]
const CITIES = [
  'Zürich',
  'Lyon',
  'Austin',
  'Osaka',
  'Porto',
  'Leeds',
  'Graz',
  'Malmö',
  'Boston',
  'Turin',
]
const COUNTRIES = ['CH', 'FR', 'US', 'JP', 'PT', 'GB', 'AT', 'SE', 'US', 'IT']
/** Of a hundred profiles, this many are anonymous, and this many have only an email. */
const ANONYMOUS_PERCENT = 3
const EMAIL_ONLY_PERCENT = 1

/** Number of the first generated user: `u_1001`. */
export const FIRST_USER = 1001

/** The identifiers of a user; some profiles are anonymous, a few have an email and nothing else. */
export function userOf(number: number, seed: number): EventUser {
  const drawn = hashOf(seed, number, 1) % 100
  const anonymousId = anonymousIdOf(hashOf(seed, number, 2), hashOf(seed, number, 3))
  if (drawn < ANONYMOUS_PERCENT) return { anonymousId }
  if (drawn < ANONYMOUS_PERCENT + EMAIL_ONLY_PERCENT) return { email: emailOf(number) }
  const hasEmail = drawn % 5 !== 0
  return {
    userId: `u_${number}`,
    ...(drawn % 3 === 0 ? { anonymousId } : {}),
    ...(hasEmail ? { email: emailOf(number) } : {}),
  }
}

/** A second identifier of a user, by which the same change is sent once more. */
export function otherIdentifierOf(number: number, seed: number): EventUser {
  const user = userOf(number, seed)
  if (user.userId === undefined) return user
  return user.email === undefined
    ? { ...user, anonymousId: anonymousIdOf(hashOf(seed, number, 4), hashOf(seed, number, 5)) }
    : { ...user, email: `second.${user.email}` }
}

/** Profile traits that travel beside a computation when Segment enriches it. */
export function profileOf(number: number): JsonObject {
  const place = hashOf(number, 6) % CITIES.length
  const address: Json = { city: itemAt(CITIES, place), country: itemAt(COUNTRIES, place) }
  return {
    address,
    firstName: itemAt(FIRST_NAMES, hashOf(number, 7) % FIRST_NAMES.length),
    lastName: itemAt(LAST_NAMES, hashOf(number, 8) % LAST_NAMES.length),
  }
}

function emailOf(number: number): string {
  return `user.${number}@example.com`
}

function anonymousIdOf(low: number, high: number): string {
  return base62([low, high], 11)
}
