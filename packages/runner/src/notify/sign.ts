import { createHmac } from 'node:crypto'

/** What a signature is made of. */
export interface Signed {
  /** Of this message alone, the same when it is sent again. */
  readonly id: string
  /** Seconds since the epoch. */
  readonly timestamp: number
  readonly body: string
}

/**
 * Headers by which a receiver knows who sent a message, and when.
 *
 * Shape: those of Standard Webhooks, so that its libraries check them. A secret that begins with `whsec_` is base64
 * after that; any other is taken as it is written.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signatureHeaders(
  { id, timestamp, body }: Signed,
  secret: string | null,
): Readonly<Record<string, string>> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestamp) }
  if (secret === null) return headers
  const signature = createHmac('sha256', keyOf(secret))
    .update(`${id}.${timestamp}.${body}`)
    .digest('base64')
  return { ...headers, 'webhook-signature': `v1,${signature}` }
}

const BASE64 = 'whsec_'

function keyOf(secret: string): Buffer {
  return secret.startsWith(BASE64)
    ? Buffer.from(secret.slice(BASE64.length), 'base64')
    : Buffer.from(secret, 'utf8')
}
