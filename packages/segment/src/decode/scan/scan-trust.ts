import type { Trust } from '@engage-sync/contract'
import type { CallScan, Span } from './call-scan.ts'
import { standsAt } from './json-scanner.ts'

const encoder = new TextEncoder()
const SERVER = encoder.encode('server')

/** Whether a call that Engage marked counts: what `distrustOf` says, on bytes. */
export class ScanTrust {
  readonly #takesClients: boolean
  readonly #space: Uint8Array | null

  constructor({ client, spaceId }: Trust) {
    this.#takesClients = client
    this.#space = spaceId === null ? null : encoder.encode(spaceId)
  }

  /** False for what does not count, or is not plain: the exact decoder tells why. */
  takes({ bytes, channel, contextChannel, space }: CallScan): boolean {
    if (
      !this.#takesClients &&
      !(isNothingOr(bytes, channel, SERVER) && isNothingOr(bytes, contextChannel, SERVER))
    )
      return false
    return this.#space === null || isNothingOr(bytes, space, this.#space)
  }
}

/** Whether a text is absent or null, or this one. */
function isNothingOr(bytes: Uint8Array, { start, end, isOther }: Span, text: Uint8Array): boolean {
  if (start < 0) return !isOther
  return end - start === text.length && standsAt(bytes, start, text)
}
