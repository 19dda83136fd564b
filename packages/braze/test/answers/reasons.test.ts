import { describe, expect, it } from 'vitest'
import { rejectedPart, rejectionOf } from '../../src/answers/reasons.ts'

describe('rejectedPart', () => {
  it.each([
    ['EXTERNAL_USER_ID_TOO_LARGE', 'BRAZE_EXTERNAL_ID_TOO_LARGE', undefined],
    ["'external_id' must be fewer than 988 bytes", 'BRAZE_EXTERNAL_ID_TOO_LARGE', undefined],
    ['BLACKLISTED_EXTERNAL_USER_ID', 'BRAZE_BLOCKED_USER', undefined],
    ['provided external_id is blacklisted and disallowed', 'BRAZE_BLOCKED_USER', undefined],
    ['EMAIL_BAD_FORMAT', 'BRAZE_EMAIL', 'email'],
    ["The value provided for the 'email' field is not a valid email.", 'BRAZE_EMAIL', 'email'],
    ['BAD_EMAIL_SUBSCRIPTION_STATE', 'BRAZE_EMAIL_SUBSCRIBE', 'email_subscribe'],
    ['BAD_PUSH_SUBSCRIPTION_STATE', 'BRAZE_PUSH_SUBSCRIBE', 'push_subscribe'],
    ['BAD_LOCATION_UPDATE', 'BRAZE_LOCATION', 'current_location'],
    ['BAD_SUBSCRIPTION_GROUP_ARRAY', 'BRAZE_SUBSCRIPTION_GROUP', 'subscription_groups'],
    ['BAD_SUBSCRIPTION_GROUP_HASH', 'BRAZE_SUBSCRIPTION_GROUP', 'subscription_groups'],
    ['BAD_SUBSCRIPTION_GROUP_ID', 'BRAZE_SUBSCRIPTION_GROUP', 'subscription_groups'],
    ['BAD_SUBSCRIPTION_GROUP_STATE', 'BRAZE_SUBSCRIPTION_GROUP', 'subscription_groups'],
    ['BAD_PUSH_TOKEN_APP_ID', 'BRAZE_PUSH_TOKEN', 'push_tokens'],
    ['BAD_DEVICE_ID', 'BRAZE_PUSH_TOKEN', 'push_tokens'],
    [
      'INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO',
      'BRAZE_EMAIL_SUBSCRIPTION_INFO',
      'email_subscription_info',
    ],
    [
      "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required",
      'BRAZE_IDENTIFIER',
      undefined,
    ],
    ["'external_id' or 'braze_id' or 'user_alias' is required", 'BRAZE_IDENTIFIER', undefined],
    ['MULTIPLE_PRIMARY_IDENTIFIERS', 'BRAZE_IDENTIFIER', undefined],
    ["'country' is not valid", 'BRAZE_REJECTED', 'country'],
    ["The value provided for the 'phone' field is not a valid phone.", 'BRAZE_REJECTED', 'phone'],
    ['something new', 'BRAZE_REJECTED', undefined],
    ['', 'BRAZE_REJECTED', undefined],
  ])('reads %s of an attributes object', (text, code, field) => {
    const outcome = rejectedPart('attributes', text)

    expect(outcome.rejection.code).toBe(code)
    expect(outcome.field).toBe(field)
  })

  it.each([
    ["'name' is required", 'BRAZE_EVENT_NAME'],
    ["'time' is required", 'BRAZE_EVENT_TIME'],
    ["'time' is not valid", 'BRAZE_EVENT_TIME'],
    ["Invalid 'properties' field", 'BRAZE_PROPERTIES'],
    ['EMAIL_BAD_FORMAT', 'BRAZE_EMAIL'],
  ])('names no attribute for an event: %s', (text, code) => {
    const outcome = rejectedPart('event', text)

    expect(outcome.rejection.code).toBe(code)
    expect(outcome.field).toBeUndefined()
  })
})

describe('rejectionOf', () => {
  it('keeps no value of the text', () => {
    expect(rejectionOf("The value 'jane@example.com' is not a valid email").message).toBe(
      'Braze refused it: The value … is not a valid email',
    )
  })
})
