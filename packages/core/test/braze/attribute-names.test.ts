import { describe, expect, it } from 'vitest'
import {
  isStandardAttribute,
  nearStandard,
  reservedReason,
  standardType,
} from '../../src/braze/attribute-names.ts'

describe('standard attributes', () => {
  it('are told from others, and have a type', () => {
    expect([isStandardAttribute('time_zone'), standardType('marked_email_as_spam_at')]).toEqual([
      true,
      'time',
    ])
    expect(isStandardAttribute('loyalty_tier')).toBe(false)
    expect(standardType('loyalty_tier')).toBeNull()
  })

  it.each([
    ['firstName', 'first_name'],
    ['First Name', 'first_name'],
    ['e-mail', 'email'],
    ['emial', null],
    ['emails', null],
    ['countri', 'country'],
    ['timezone', 'time_zone'],
    ['birthday', 'dob'],
    ['surname', 'last_name'],
    ['externalId', 'external_id'],
    ['languages', null],
    ['gold', null],
    ['email', null],
  ])('%s is taken for %s', (name, expected) => {
    expect(nearStandard(name)).toBe(expected)
  })

  it.each([
    'external_id',
    'braze_id',
    'user_alias',
    '_merge_objects',
    '_update_existing_only',
    'push_token_import',
    'email_subscription_info',
  ])('%s is reserved, and says why', (name) => {
    expect(reservedReason(name)).toMatch(/^\w.+\.$/)
    expect(isStandardAttribute(name)).toBe(false)
  })
})
