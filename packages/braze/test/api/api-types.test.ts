import { describe, expect, it } from 'vitest'
import type { BrazeAttributes, BrazeEvent } from '../../src/api/api-types.ts'
import type { BrazeErrorCode } from '../../src/errors.ts'
import { BrazeError } from '../../src/errors.ts'

/** The types are the test: `tsc` refuses an expected error that does not come. */
describe('the types', () => {
  it('take what Braze takes', () => {
    const objects: readonly BrazeAttributes[] = [
      {
        external_id: 'a',
        email: 'a@example.com',
        gender: 'F',
        email_subscribe: 'opted_in',
        ltv: 7,
        nested: { a: [1] },
      },
      {
        user_alias: { alias_name: 'a', alias_label: 'b' },
        _update_existing_only: false,
        first_name: null,
      },
      {
        email: 'a@example.com',
        subscription_groups: [{ subscription_group_id: 'g', subscription_state: 'subscribed' }],
      },
      { external_id: 'a', visits: { inc: 1 }, current_location: { longitude: 1, latitude: 2 } },
    ]

    expect(objects).toHaveLength(4)
  })

  it('refuse what it does not', () => {
    // @ts-expect-error an email is a text
    const email: BrazeAttributes = { external_id: 'a', email: 3 }
    // @ts-expect-error one primary identifier
    const ids: BrazeAttributes = { external_id: 'a', braze_id: 'b' }
    // @ts-expect-error no such gender
    const gender: BrazeAttributes = { external_id: 'a', gender: 'w' }
    // @ts-expect-error no such state
    const state: BrazeAttributes = { external_id: 'a', push_subscribe: 'yes' }
    // @ts-expect-error nobody
    const nobody: BrazeEvent = { name: 'Seen', time: '2026-01-01' }

    expect([email, ids, gender, state, nobody]).toHaveLength(5)
  })

  it('know the codes', () => {
    const code: BrazeErrorCode = new BrazeError('BRAZE_LIMIT', 'm').code
    // @ts-expect-error a typo
    const isTypo = code === 'BRAZE_LIMITS'

    expect([code, isTypo]).toEqual(['BRAZE_LIMIT', false])
  })
})
