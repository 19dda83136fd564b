import type { Outcome, Rejection, RequestPart } from '@engage-sync/contract'
import type { BrazeRejectionCode } from '../errors.ts'
import { plainText } from './plain-text.ts'

/**
 * What a text or code of Braze's means: our stable code, and the attribute at fault, if it is one.
 */
interface Reason {
  readonly pattern: RegExp
  readonly code: BrazeRejectionCode
  readonly field: string | null
}

/**
 * Braze's texts and codes. Live answers hold either, so every line knows both.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_track/
 */
const REASONS: readonly Reason[] = [
  {
    pattern: /EXTERNAL_USER_ID_TOO_LARGE|fewer than 988 bytes/i,
    code: 'BRAZE_EXTERNAL_ID_TOO_LARGE',
    field: null,
  },
  { pattern: /blacklisted/i, code: 'BRAZE_BLOCKED_USER', field: null },
  {
    pattern: /EMAIL_BAD_FORMAT|'email' field is not a valid email/i,
    code: 'BRAZE_EMAIL',
    field: 'email',
  },
  {
    pattern: /BAD_EMAIL_SUBSCRIPTION_STATE/i,
    code: 'BRAZE_EMAIL_SUBSCRIBE',
    field: 'email_subscribe',
  },
  {
    pattern: /BAD_PUSH_SUBSCRIPTION_STATE/i,
    code: 'BRAZE_PUSH_SUBSCRIBE',
    field: 'push_subscribe',
  },
  { pattern: /BAD_LOCATION_UPDATE/i, code: 'BRAZE_LOCATION', field: 'current_location' },
  {
    pattern: /BAD_SUBSCRIPTION_GROUP/i,
    code: 'BRAZE_SUBSCRIPTION_GROUP',
    field: 'subscription_groups',
  },
  { pattern: /BAD_PUSH_TOKEN|BAD_DEVICE_ID/i, code: 'BRAZE_PUSH_TOKEN', field: 'push_tokens' },
  {
    pattern: /INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO/i,
    code: 'BRAZE_EMAIL_SUBSCRIPTION_INFO',
    field: 'email_subscription_info',
  },
  { pattern: /Invalid 'properties' field/i, code: 'BRAZE_PROPERTIES', field: null },
  {
    pattern: /'external_id'.*(is|are) required|MULTIPLE_PRIMARY_IDENTIFIERS/i,
    code: 'BRAZE_IDENTIFIER',
    field: null,
  },
  { pattern: /'name' is/i, code: 'BRAZE_EVENT_NAME', field: null },
  { pattern: /'time' is/i, code: 'BRAZE_EVENT_TIME', field: null },
]

/** Names that identify a user or say how to write; a fault in one is the whole object's. */
const NO_FIELD = new Set([
  'external_id',
  'braze_id',
  'user_alias',
  'alias_name',
  'alias_label',
  'name',
  'time',
  'properties',
  'attributes',
  'events',
])
/** Texts such as `'country' is not valid` and `The value provided for the 'phone' field is …`. */
const NAMED_FIELD =
  /^(?:'([^']{1,255})' (?:is|must|has)\b|.*\b(?:the|for|Invalid) '([^']{1,255})' field)/i

/** A rejection of Braze's. */
export type Refusal = Rejection & { readonly code: BrazeRejectionCode }

/** Our code and sentence for a text of Braze's. */
export function rejectionOf(text: string): Refusal {
  const code = REASONS.find(({ pattern }) => pattern.test(text))?.code ?? 'BRAZE_REJECTED'
  return { code, message: `Braze refused it: ${plainText(text)}` }
}

/**
 * The outcome of a part that Braze named with this text. `field` is set when an attribute of it is
 * at fault.
 */
export function rejectedPart(
  kind: RequestPart['kind'],
  text: string,
): Extract<Outcome, { status: 'rejected' }> {
  const rejection = rejectionOf(text)
  const field = kind === 'attributes' ? fieldOf(text) : null
  return field === null
    ? { status: 'rejected', rejection }
    : { status: 'rejected', rejection, field }
}

function fieldOf(text: string): string | null {
  const known = REASONS.find(({ pattern }) => pattern.test(text))
  if (known !== undefined) return known.field
  const match = NAMED_FIELD.exec(text)
  const name = match?.[1] ?? match?.[2]
  return name === undefined || NO_FIELD.has(name) ? null : name
}
