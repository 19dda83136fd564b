import type { IncomingMessage } from 'node:http'
import { LIMITS } from './limits.ts'

/** Room for the bodies that are being read, of all requests together. */
export class BodyRoom {
  #left: number

  /** @param bytes - of all bodies */
  constructor(bytes: number = LIMITS.bodyBytes) {
    this.#left = bytes
  }

  /** Takes room; false where there is none. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  give(bytes: number): void {
    this.#left += bytes
  }
}

/** A body, or why it was not read to its end. */
export type ReadBody =
  | { readonly ok: true; readonly body: Buffer }
  | { readonly ok: false; readonly why: 'too large' | 'no room' | 'gone' }

/**
 * Reads the body of a request.
 *
 * Shape: the bytes as they came; `gone` where the client left before it was whole. What is not kept
 * is read past, so that the answer arrives. The room is given back when this resolves.
 */
export function readBody(
  request: IncomingMessage,
  { maxBytes, room }: { readonly maxBytes: number; readonly room: BodyRoom },
): Promise<ReadBody> {
  const { promise, resolve } = Promise.withResolvers<ReadBody>()
  const parts: Buffer[] = []
  let bytes = 0
  let isKept = true
  const end = (read: ReadBody) => {
    if (isKept) room.give(bytes)
    isKept = false
    parts.length = 0
    resolve(read)
  }
  request.on('data', (part: Buffer) => {
    if (!isKept) return
    if (bytes + part.length > maxBytes) return end({ ok: false, why: 'too large' })
    if (!room.take(part.length)) return end({ ok: false, why: 'no room' })
    bytes += part.length
    parts.push(part)
  })
  request.once('end', () => end({ ok: true, body: joined(parts) }))
  request.once('close', () => end({ ok: false, why: 'gone' }))
  request.once('error', () => end({ ok: false, why: 'gone' }))
  return promise
}

/** One part is not copied. */
function joined(parts: readonly Buffer[]): Buffer {
  const [first, ...more] = parts
  return first !== undefined && more.length === 0 ? first : Buffer.concat(parts)
}
