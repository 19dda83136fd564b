import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { SyncError } from '@engage-sync/contract'
import { bytesOf, findMember, FOUND, JsonScanner, OPEN_BRACKET } from '../decode/scan/index.ts'
import { MAX_WEBHOOK_BYTES } from './limits.ts'

/** A request of Segment's Webhooks destination. */
export interface WebhookRequest {
  /** The bytes as they came; a signature holds for nothing else. */
  readonly body: Uint8Array
  readonly headers: WebhookHeaders
}

/** Headers by name in any case, as node:http or a gateway gives them, or a `Headers` object. */
export type WebhookHeaders =
  Readonly<Record<string, string | readonly string[] | undefined>> | Pick<Headers, 'get'>

/** What a request must bring: a shared secret, a secret header, or both. */
export interface WebhookRules {
  /** Shared secret of the destination: `X-Signature` must be there and right. */
  readonly sharedSecret?: string
  /** A header every request must carry, exactly. */
  readonly header?: { readonly name: string; readonly value: string }
  /**
   * Takes every request, whoever sent it. Only behind something that checks them. Default false.
   */
  readonly unsigned?: true
  /** Largest body, in bytes. Default 8 MiB. */
  readonly maxBytes?: number
}

/** Whether a request may be taken, and the status to answer when not. */
export type WebhookVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly status: 401 | 413
      readonly code: WebhookCode
      readonly message: string
    }

/** Why a request is refused. */
export type WebhookCode =
  | 'WEBHOOK_TOO_LARGE'
  | 'WEBHOOK_BAD_HEADER'
  | 'WEBHOOK_UNSIGNED'
  | 'WEBHOOK_BAD_SIGNATURE'
  | 'WEBHOOK_PARTLY_SIGNED'

const JSON_MEMBER = bytesOf('json')
const SIGNATURE = /^[0-9a-f]{40}$/u

/**
 * Checks size, header and signature of a request, in constant time.
 *
 * Segment signs the whole body, or of a batch only the first event. The second form leaves the
 * other events open to anyone who once saw a signed one, so it is taken only together with a secret
 * header.
 *
 * @throws {SyncError} `WEBHOOK_RULES` when no rule is there or one is empty, as a variable is that
 *   nobody set; `WEBHOOK_BODY` when the body is not the bytes that came
 * @see https://www.twilio.com/docs/segment/connections/destinations/catalog/webhooks/#authenticating-requests
 */
export function verifyWebhook(
  { body, headers }: WebhookRequest,
  rules: WebhookRules,
): WebhookVerdict {
  checkRules(rules)
  if (!(body instanceof Uint8Array)) throw parsedBody()
  const maxBytes = rules.maxBytes ?? MAX_WEBHOOK_BYTES
  if (body.length > maxBytes)
    return refuse('WEBHOOK_TOO_LARGE', `Expected at most ${maxBytes} bytes, got ${body.length}.`)
  const { header, sharedSecret } = rules
  if (header !== undefined && !isSame(headerOf(headers, header.name), header.value)) {
    return refuse(
      'WEBHOOK_BAD_HEADER',
      `The header ${header.name} is missing or not the configured one.`,
    )
  }
  if (sharedSecret === undefined) return { ok: true }
  const signature = headerOf(headers, 'x-signature').toLowerCase()
  if (!SIGNATURE.test(signature))
    return refuse('WEBHOOK_UNSIGNED', 'Expected the header X-Signature with 40 hexadecimal digits.')
  const hasHeader = header !== undefined
  return checkSignature(body, { signature, secret: sharedSecret, hasHeader })
}

/** A check without its secret would let everybody in. */
function checkRules({ sharedSecret, header, unsigned }: WebhookRules): void {
  if (sharedSecret === undefined && header === undefined) {
    if (unsigned === true) return
    throw noRule('neither a shared secret nor a header is given')
  }
  if (sharedSecret !== undefined && isBlank(sharedSecret))
    throw noRule('the shared secret is empty')
  if (header !== undefined && isBlank(header.name)) throw noRule('the header has no name')
  if (header !== undefined && isBlank(header.value))
    throw noRule(`the header ${header.name} has no value to compare with`)
}

/** Also what the types forbid and a caller without them may pass. */
function isBlank(text: unknown): boolean {
  return typeof text !== 'string' || text.trim() === ''
}

function noRule(what: string): SyncError {
  return new SyncError('WEBHOOK_RULES', `Webhook requests cannot be checked: ${what}`, {
    hint: 'Look whether the environment variable is set. To take every request, say `unsigned: true`.',
  })
}

function parsedBody(): SyncError {
  return new SyncError(
    'WEBHOOK_BODY',
    'Expected the bytes of the request, got something that was parsed already',
    {
      hint: 'A signature holds for the raw bytes: e.g. `express.raw({ type: "*/*" })` in place of `express.json()`.',
    },
  )
}

function checkSignature(
  body: Uint8Array,
  {
    signature,
    secret,
    hasHeader,
  }: { readonly signature: string; readonly secret: string; readonly hasHeader: boolean },
): WebhookVerdict {
  if (isSigned(signature, body, secret)) return { ok: true }
  if (!firstEvents(body).some((first) => isSigned(signature, first, secret))) {
    return refuse(
      'WEBHOOK_BAD_SIGNATURE',
      'The header X-Signature does not fit the body and the shared secret.',
    )
  }
  if (hasHeader) return { ok: true }
  return refuse(
    'WEBHOOK_PARTLY_SIGNED',
    'Only the first event of the batch is signed; configure a secret header as well, or switch batching off.',
  )
}

/**
 * What stands first in a batch, as it may have been signed: the element, and the event in the
 * extensible webhook's `{"json": …}`.
 */
function firstEvents(body: Uint8Array): readonly Uint8Array[] {
  const element = firstElement(body)
  if (element === null) return []
  const place = { start: 0, end: 0 }
  return findMember(element, JSON_MEMBER, place) === FOUND
    ? [element, element.subarray(place.start, place.end)]
    : [element]
}

/** The bytes of the first element of an array, or null. */
function firstElement(body: Uint8Array): Uint8Array | null {
  const scanner = new JsonScanner()
  scanner.bytes = body
  const open = scanner.space(0)
  if (body[open] !== OPEN_BRACKET) return null
  const start = scanner.space(open + 1)
  const end = scanner.value(start)
  return end < 0 || end > body.length ? null : body.subarray(start, end)
}

/** Both are 40 digits, so that the time it takes shows nothing. */
function isSigned(signature: string, bytes: Uint8Array, secret: string): boolean {
  const expected = createHmac('sha1', secret).update(bytes).digest()
  return timingSafeEqual(Buffer.from(signature, 'hex'), expected)
}

/** Compares digests, so that neither content nor length shows in the time it takes. */
function isSame(left: string, right: string): boolean {
  return timingSafeEqual(
    createHash('sha256').update(left).digest(),
    createHash('sha256').update(right).digest(),
  )
}

function headerOf(headers: WebhookHeaders, name: string): string {
  if (isHeaders(headers)) return headers.get(name) ?? ''
  const wanted = name.toLowerCase()
  const value =
    headers[wanted] ??
    headers[Object.keys(headers).find((key) => key.toLowerCase() === wanted) ?? wanted]
  return typeof value === 'string' ? value : (value?.[0] ?? '')
}

function isHeaders(headers: WebhookHeaders): headers is Pick<Headers, 'get'> {
  return typeof headers.get === 'function'
}

function refuse(code: WebhookCode, message: string): WebhookVerdict {
  return { ok: false, status: code === 'WEBHOOK_TOO_LARGE' ? 413 : 401, code, message }
}
