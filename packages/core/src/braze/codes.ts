import type { EncodeResult } from '../values/encode-result.ts'
import { CAST_CODES } from '../values/codes.ts'

const BRAZE_CODES = {
  LIMIT_STRING: 'A text over 255 characters, which Braze would drop.',
  LIMIT_ARRAY: 'A list of over 500 different elements, of which Braze would drop some.',
  LIMIT_OBJECT: 'An object or list over 100 KB, which Braze would drop.',
  NESTED_KEY:
    'A key inside an object that is empty, too long, or holds a space, a dot or a dollar sign.',
  NESTED_NULL: 'A null inside a list, or inside an object that is merged with what Braze holds.',
  NESTED_TIME:
    'A `$time` inside an object that is no date Braze reads, which would cost the whole attribute.',
  NESTED_ARRAY: 'A list directly inside a list.',
  STANDARD_EMAIL: 'A value for `email` that is no address.',
  STANDARD_PHONE: 'A value for `phone` that is no number of 4 to 15 digits.',
  STANDARD_GENDER: 'A value for `gender` that is none of the letters and words Braze has.',
  STANDARD_COUNTRY: 'A value for `country` that is no ISO 3166-1 code or English name.',
  STANDARD_LANGUAGE: 'A value for `language` that is no ISO 639-1 code, locale or English name.',
  STANDARD_TIME_ZONE: 'A value for `time_zone` that is not in the IANA database.',
  STANDARD_DOB: 'A value for `dob` that is no date as YYYY-MM-DD.',
  STANDARD_SUBSCRIPTION: 'A subscription state, or list of groups, that Braze does not take.',
  STANDARD_LOCATION: 'A value for `current_location` without longitude and latitude in degrees.',
  STANDARD_IMAGE_URL:
    'A value for `image_url` that is no http or https URL of at most 1,024 characters.',
  STANDARD_PUSH_TOKENS: 'A value for `push_tokens` that is no list of tokens with their app.',
} as const

/** Every code with which a value can be refused before it is sent, and what it means. */
export const VALUE_CODES = { ...CAST_CODES, ...BRAZE_CODES }

/** A code with which a value can be refused before it is sent. */
export type ValueCode = keyof typeof VALUE_CODES

/** A code for values that Braze would drop or refuse. */
export type BrazeCode = keyof typeof BRAZE_CODES

/** A value Braze would not take, and why; the message names types and limits, never the value. */
export function refuse(code: BrazeCode, message: string): EncodeResult {
  return { ok: false, rejection: { code, message } }
}
