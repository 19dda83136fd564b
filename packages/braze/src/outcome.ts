import type { Outcome, RequestPart } from '@engage-sync/core'

/** One entry of Braze's `errors`. Bulk answers may lack the array's name, or even the index. */
interface BrazeItemError {
  readonly type: string
  readonly array: string | null
  readonly index: number | null
}

/** What an answer says of the parts of a `/users/track` request. */
export type TrackReading =
  | { readonly kind: 'outcomes'; readonly outcomes: readonly Outcome[] }
  /** Some part is bad and the answer does not say which: ask about fewer. */
  | { readonly kind: 'bisect'; readonly rejection: { readonly code: string; readonly message: string } }
  /** The request holds more than Braze takes at once. */
  | { readonly kind: 'split' }

const DELIVERED: Outcome = { status: 'delivered' }
const TOO_MANY = /max(imum)? (input|number)|max input length/i

/**
 * Reads the answer to a `/users/track` request: one outcome per part, in order.
 *
 * Shape: status and parsed body in. 2xx: everything is delivered but what `errors` names. 400: everything is refused
 * that `errors` names; when it names nothing, the caller has to find out. No part gets another's reason.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_track/
 */
export function readTrackAnswer(parts: readonly RequestPart[], answer: { readonly status: number; readonly body: unknown }): TrackReading {
  const { message, errors } = readBody(answer.body)
  const isSuccess = answer.status < 300
  if (isSuccess && message !== 'success' && message !== 'queued')
    return { kind: 'bisect', rejection: { code: 'BRAZE_NO_SUCCESS', message: 'Braze answered without `success`' } }
  if (!isSuccess && TOO_MANY.test(message)) return { kind: 'split' }
  if (errors.length === 0) {
    if (isSuccess) return { kind: 'outcomes', outcomes: parts.map(() => DELIVERED) }
    return { kind: 'bisect', rejection: { code: 'BRAZE_REJECTED', message: `Braze refused the object: ${safeText(message)}` } }
  }
  const named = placeErrors(parts, errors)
  if (named === null) return { kind: 'bisect', rejection: rejectionOf(errors[0]) }
  return { kind: 'outcomes', outcomes: parts.map((_, index) => outcomeAt(named, index, { isSuccess, count: parts.length })) }
}

function outcomeAt(named: ReadonlyMap<number, Outcome>, index: number, context: { isSuccess: boolean; count: number }): Outcome {
  const outcome = named.get(index)
  if (outcome !== undefined) return outcome
  return context.isSuccess ? DELIVERED : { status: 'failed', reason: 'refused with another object of its request' }
}

function readBody(body: unknown): { message: string; errors: readonly BrazeItemError[] } {
  if (typeof body !== 'object' || body === null) return { message: '', errors: [] }
  const { message, errors } = body as { message?: unknown; errors?: unknown }
  return { message: typeof message === 'string' ? message : '', errors: Array.isArray(errors) ? errors.map(readItemError) : [] }
}

function readItemError(error: unknown): BrazeItemError {
  const {
    type,
    input_array: array,
    index,
  } = (typeof error === 'object' && error !== null ? error : { type: error }) as { type?: unknown; input_array?: unknown; index?: unknown }
  return {
    type: typeof type === 'string' ? type : 'unknown',
    array: typeof array === 'string' ? array : null,
    index: typeof index === 'number' ? index : null,
  }
}

/** Errors by part index; null when one of them cannot be placed. */
function placeErrors(parts: readonly RequestPart[], errors: readonly BrazeItemError[]): ReadonlyMap<number, Outcome> | null {
  const attributes = parts.flatMap((part, index) => (part.kind === 'attributes' ? [index] : []))
  const events = parts.flatMap((part, index) => (part.kind === 'event' ? [index] : []))
  const only = attributes.length === 0 ? events : events.length === 0 ? attributes : null
  const placed = new Map<number, Outcome>()
  for (const error of errors) {
    const list = error.array === 'attributes' ? attributes : error.array === 'events' ? events : only
    const index = list === null || error.index === null ? undefined : list[error.index]
    if (index === undefined) return null
    const field = fieldOf(error.type)
    if (!placed.has(index)) placed.set(index, { status: 'rejected', rejection: rejectionOf(error), ...(field === null ? {} : { field }) })
  }
  return placed
}

/** Braze's texts and codes, as stable codes of ours. Both occur in live answers. */
const KNOWN: readonly (readonly [RegExp, string, string | null])[] = [
  [/EXTERNAL_USER_ID_TOO_LARGE|fewer than 988 bytes/i, 'BRAZE_EXTERNAL_ID_TOO_LARGE', null],
  [/BLACKLISTED|blacklisted/i, 'BRAZE_BLOCKED_USER', null],
  [/EMAIL_BAD_FORMAT|'email' field is not a valid email/i, 'BRAZE_EMAIL', 'email'],
  [/BAD_EMAIL_SUBSCRIPTION_STATE/, 'BRAZE_EMAIL_SUBSCRIBE', 'email_subscribe'],
  [/BAD_PUSH_SUBSCRIPTION_STATE/, 'BRAZE_PUSH_SUBSCRIBE', 'push_subscribe'],
  [/BAD_LOCATION_UPDATE/, 'BRAZE_LOCATION', 'current_location'],
  [/BAD_SUBSCRIPTION_GROUP/, 'BRAZE_SUBSCRIPTION_GROUP', 'subscription_groups'],
  [/BAD_PUSH_TOKEN|BAD_DEVICE_ID/, 'BRAZE_PUSH_TOKEN', 'push_tokens'],
  [/INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO/, 'BRAZE_EMAIL_SUBSCRIPTION_INFO', 'email_subscription_info'],
  [/Invalid 'properties' field/i, 'BRAZE_PROPERTIES', null],
  [/'external_id'.*is required|MULTIPLE_PRIMARY_IDENTIFIERS/i, 'BRAZE_IDENTIFIER', null],
  [/'name' is required/i, 'BRAZE_EVENT_NAME', null],
  [/'time' is/i, 'BRAZE_EVENT_TIME', null],
]

function fieldOf(type: string): string | null {
  return KNOWN.find(([pattern]) => pattern.test(type))?.[2] ?? null
}

function rejectionOf({ type }: BrazeItemError): { code: string; message: string } {
  return {
    code: KNOWN.find(([pattern]) => pattern.test(type))?.[1] ?? 'BRAZE_REJECTED',
    message: `Braze refused the object: ${safeText(type)}`,
  }
}

/** Braze's text without anything that could be a value: only its words, at most 200 characters. */
export function safeText(text: string): string {
  return text.replace(/[^\s'",;:()]*[@\d][^\s'",;:()]*/g, '…').slice(0, 200)
}
