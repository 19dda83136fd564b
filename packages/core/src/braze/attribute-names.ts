import { distance } from 'fastest-levenshtein'
import type { ValueType } from '../values/value-type.ts'
import { STANDARD_ATTRIBUTES } from './standard-attributes.ts'

/** The option of an attributes object that has nobody created; a case may expect it, too. */
export const EXISTING_ONLY = '_update_existing_only'

/** Identifiers and request options of Braze, and why they cannot be written. */
const RESERVED: ReadonlyMap<string, string> = new Map([
  ['external_id', 'It identifies the user: see `identity.external_id`.'],
  ['braze_id', 'Braze gives it.'],
  ['user_alias', 'It identifies the user: see `identity.alias`.'],
  ['alias_name', 'It identifies the user: see `identity.alias`.'],
  ['alias_label', 'It identifies the user: see `identity.alias`.'],
  [EXISTING_ONLY, 'It is an option: see `identity.create_users`.'],
  ['_merge_objects', 'It is an option: see `merge` of a mapping.'],
  ['push_token_import', 'It is an option of push token migration.'],
  ['email_subscription_info', 'Braze refuses it.'],
])

/** Other words people have for standard attributes. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['birthday', 'dob'],
  ['birthdate', 'dob'],
  ['dateofbirth', 'dob'],
  ['surname', 'last_name'],
  ['givenname', 'first_name'],
  ['phonenumber', 'phone'],
  ['emailaddress', 'email'],
])

/** Why a name cannot be written as an attribute, or null when it can. */
export function reservedReason(name: string): string | null {
  return RESERVED.get(name) ?? null
}

/** Whether Braze keeps this name as a standard attribute. */
export function isStandardAttribute(name: string): boolean {
  return STANDARD_ATTRIBUTES.has(name)
}

/** The value type of a standard attribute, or null for other names. */
export function standardType(name: string): ValueType | null {
  return STANDARD_ATTRIBUTES.get(name)?.type ?? null
}

/**
 * The standard or reserved name that another name was most likely meant to be, or null.
 *
 * Near is: the same letters in another case or with other separators, a known synonym, or one
 * letter wrong, missing or too much (a letter more at the end is another word: `languages`).
 */
export function nearStandard(name: string): string | null {
  if (STANDARD_ATTRIBUTES.has(name) || RESERVED.has(name)) return null
  const folded = fold(name)
  const synonym = SYNONYMS.get(folded)
  if (synonym !== undefined) return synonym
  for (const standard of [...STANDARD_ATTRIBUTES.keys(), ...RESERVED.keys()]) {
    const target = fold(standard)
    if (target === folded) return standard
    const isLonger = folded.startsWith(target)
    if (
      target.length >= 5 &&
      !isLonger &&
      Math.abs(target.length - folded.length) <= 1 &&
      distance(folded, target) === 1
    )
      return standard
  }
  return null
}

const fold = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
