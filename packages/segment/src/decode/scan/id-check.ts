import type { IdentityRule } from '@engage-sync/contract'
import { standsAt } from './json-scanner.ts'

const SPACE = 0x20
const UPPER_A = 0x41
const UPPER_Z = 0x5a
const BEYOND_ASCII = 0x80
const encoder = new TextEncoder()

/** Whether the bytes of an identifier are, as they stand, what a rule makes of it. */
export class IdCheck {
  readonly #lowers: boolean
  readonly #refused: readonly Uint8Array[]

  constructor({ lowerCase, refuse = [] }: Pick<IdentityRule, 'lowerCase' | 'refuse'>) {
    this.#lowers = lowerCase === true
    this.#refused = refuse.map((id) => encoder.encode(id))
  }

  /**
   * False when the exact decoder must look: a letter to be lowered, one that is nobody. The
   * identifier is trim.
   *
   * @param mayBeAddress - whether the rule's lower case concerns it
   */
  isPlain(
    bytes: Uint8Array,
    { start, end }: { readonly start: number; readonly end: number },
    mayBeAddress: boolean,
  ): boolean {
    if (this.#lowers && mayBeAddress && !isLower(bytes, start, end)) return false
    return !this.#refused.some((one) => one.length === end - start && standsAt(bytes, start, one))
  }
}

/**
 * 1 for bytes that are no white space, nor a part of any: white space beyond ASCII is rare at
 * either end, as all else is.
 */
const VISIBLE = new Uint8Array(256)
VISIBLE.fill(1, SPACE + 1, BEYOND_ASCII)

/**
 * Whether an identifier that is there surely has no white space around it; true for one that is not
 * there.
 */
export function isTrim(
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  return start < 0 || start === end || (VISIBLE[bytes[start]] & VISIBLE[bytes[end - 1]]) === 1
}

function isLower(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if ((bytes[at] >= UPPER_A && bytes[at] <= UPPER_Z) || bytes[at] >= BEYOND_ASCII) return false
  }
  return true
}
