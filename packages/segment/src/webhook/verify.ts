import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { JsonScanner, OPEN_BRACKET } from '../decode/scan/index.ts'
import { MAX_WEBHOOK_BYTES } from './limits.ts'

/** A request of Segment's Webhooks destination. */
export interface WebhookRequest {
  /** The bytes as they came; a signature holds for nothing else. */
  readonly body: Uint8Array
  /** Header names in lower case, as node:http gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What a request must bring. Without either, every request is taken. */
export interface WebhookRules {
  /** Shared secret of the destination: `X-Signature` must be there and right. */
  readonly sharedSecret?: string
  /** A header every request must carry, exactly. */
  readonly header?: { readonly name: string; readonly value: string }
  /** Largest body, in bytes. Default 8 MiB. */
  readonly maxBytes?: number
}

/** Whether a request may be taken, and the status to answer when not. */
export type WebhookVerdict =
  { readonly ok: true } | { readonly ok: false; readonly status: 401 | 413; readonly code: WebhookCode; readonly message: string }

/** Why a request is refused. */
export type WebhookCode =
  'WEBHOOK_TOO_LARGE' | 'WEBHOOK_BAD_HEADER' | 'WEBHOOK_UNSIGNED' | 'WEBHOOK_BAD_SIGNATURE' | 'WEBHOOK_PARTLY_SIGNED'

const SIGNATURE = /^[0-9a-f]{40}$/u

/**
 * Checks size, header and signature of a request, in constant time.
 *
 * Segment signs the whole body, or of a batch only the first event. The second form leaves the other events open to
 * anyone who once saw a signed one, so it is taken only together with a secret header.
 *
 * @see https://segment.com/docs/connections/destinations/catalog/webhooks/#authenticating-requests
 */
export function verifyWebhook({ body, headers }: WebhookRequest, rules: WebhookRules): WebhookVerdict {
  const maxBytes = rules.maxBytes ?? MAX_WEBHOOK_BYTES
  if (body.length > maxBytes) return refuse('WEBHOOK_TOO_LARGE', `Expected at most ${maxBytes} bytes, got ${body.length}.`)
  const { header, sharedSecret } = rules
  if (header !== undefined && !isSame(textOf(headers[header.name.toLowerCase()]), header.value)) {
    return refuse('WEBHOOK_BAD_HEADER', `The header ${header.name} is missing or not the configured one.`)
  }
  if (sharedSecret === undefined) return { ok: true }
  const signature = textOf(headers['x-signature']).toLowerCase()
  if (!SIGNATURE.test(signature)) return refuse('WEBHOOK_UNSIGNED', 'Expected the header X-Signature with 40 hexadecimal digits.')
  return checkSignature(body, signature, sharedSecret, header !== undefined)
}

function checkSignature(body: Uint8Array, signature: string, secret: string, hasHeader: boolean): WebhookVerdict {
  if (isSame(signature, sign(body, secret))) return { ok: true }
  const first = firstElement(body)
  if (first === null || !isSame(signature, sign(first, secret))) {
    return refuse('WEBHOOK_BAD_SIGNATURE', 'The header X-Signature does not fit the body and the shared secret.')
  }
  if (hasHeader) return { ok: true }
  return refuse(
    'WEBHOOK_PARTLY_SIGNED',
    'Only the first event of the batch is signed; configure a secret header as well, or switch batching off.',
  )
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

function sign(bytes: Uint8Array, secret: string): string {
  return createHmac('sha1', secret).update(bytes).digest('hex')
}

/** Compares digests, so that neither content nor length shows in the time it takes. */
function isSame(left: string, right: string): boolean {
  return timingSafeEqual(createHash('sha256').update(left).digest(), createHash('sha256').update(right).digest())
}

function textOf(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' ? header : (header?.[0] ?? '')
}

function refuse(code: WebhookCode, message: string): WebhookVerdict {
  return { ok: false, status: code === 'WEBHOOK_TOO_LARGE' ? 413 : 401, code, message }
}
