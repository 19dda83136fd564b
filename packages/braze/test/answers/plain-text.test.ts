import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainText } from '../../src/answers/plain-text.ts'

describe('plainText', () => {
  it.each([
    "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required",
    "'external_id' must be fewer than 988 bytes",
    "The value provided for the 'email' field is not a valid email.",
    'provided external_id is blacklisted and disallowed',
    "'quantity' is not valid",
    "Invalid 'properties' field",
    'EMAIL_BAD_FORMAT',
    "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.",
    '`cohort_id` must be a valid string',
    'Only 1,000 `user_ids`, `device_ids`, and `aliases` are allowed per request',
    '`created_at` must be a valid time as an ISO-8601 string',
    'a single request may not contain more than 50 merge updates',
  ])('keeps %s', (text) => {
    expect(plainText(text)).toBe(text)
  })

  it.each([
    ['Invalid API key: non-existent', 'Invalid API key: …'],
    ['Invalid API key: 0f3c-77aa', 'Invalid API key: …'],
    ['Partner not enabled for client with client secret: hunter', '… not … for … with …'],
    ["The email 'jane@example.com' of Jane Doe is invalid", 'The email … of … is invalid'],
    ['4111111111111111 is not valid', '… is not valid'],
    ['GEHEIM', '…'],
    ['', ''],
  ])('turns %s into %s', (text, plain) => {
    expect(plainText(text)).toBe(plain)
  })

  it('keeps no word it does not know', () => {
    const value = fc.stringMatching(/^[a-z0-9]{12,20}$/)
    fc.assert(
      fc.property(
        value,
        fc.constantFrom("'%' is invalid", 'The value %, was not valid', '(%)', 'key:%'),
        (secret, pattern) => {
          expect(plainText(pattern.replace('%', secret))).not.toContain(secret)
        },
      ),
    )
  })

  it('is short', () => {
    expect(plainText('is not valid '.repeat(1000)).length).toBeLessThanOrEqual(200)
  })
})
