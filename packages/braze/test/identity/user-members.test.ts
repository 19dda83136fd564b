import { describe, expect, it } from 'vitest'
import { aliasObject, identifierMembers, userMembers } from '../../src/identity/user-members.ts'

const EXTERNAL = { externalId: 'u"1' }
const ALIAS = { alias: { name: 'a1', label: 'anonymous' } }

describe('userMembers', () => {
  it.each([
    [EXTERNAL, true, { external_id: 'u"1' }],
    [EXTERNAL, false, { external_id: 'u"1', _update_existing_only: true }],
    [
      ALIAS,
      true,
      { user_alias: { alias_name: 'a1', alias_label: 'anonymous' }, _update_existing_only: false },
    ],
    [
      ALIAS,
      false,
      { user_alias: { alias_name: 'a1', alias_label: 'anonymous' }, _update_existing_only: true },
    ],
  ])('of %j, created: %s', (user, createUser, expected) => {
    expect(JSON.parse(`{${userMembers({ user, createUser })}}`)).toEqual(expected)
  })
})

describe('identifierMembers', () => {
  it('says nothing but who', () => {
    expect(identifierMembers(EXTERNAL)).toBe('"external_id":"u\\"1"')
    expect(JSON.parse(`{${identifierMembers(ALIAS)}}`)).toEqual({
      user_alias: aliasObject(ALIAS.alias),
    })
  })
})
