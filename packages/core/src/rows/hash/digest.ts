import { hashBytes, hashOut } from './murmur.ts'

/** 64 bits of a value's canonical text, in halves; both zero for nothing. */
export interface Digest {
  readonly low: number
  readonly high: number
}

/** A canonical text with its digest: what a slot is given. */
export interface ValueText {
  readonly bytes: Uint8Array
  readonly digest: Digest
}

/** Seed of value digests. */
export const VALUE_SEED = 0x5eed0003

const encoder = new TextEncoder()

/** Hashes a canonical text as a value; the digest is in `hashOut`. Returns its bytes. */
export function hashText(text: string): Uint8Array {
  const bytes = encoder.encode(text)
  hashBytes(bytes, 0, bytes.length, VALUE_SEED)
  return bytes
}

/** A canonical text as slots take it. */
export function valueText(text: string): ValueText {
  const bytes = hashText(text)
  return { bytes, digest: { low: hashOut[0], high: hashOut[1] } }
}

/** Digest of a canonical text, as slots hold it. */
export function digestOf(text: string): Digest {
  return valueText(text).digest
}

/** Digest of any bytes. @param seed - separates uses: one of values is no one of anything else */
export function digestOfBytes(bytes: Uint8Array, seed: number): Digest {
  hashBytes(bytes, 0, bytes.length, seed)
  return { low: hashOut[0], high: hashOut[1] }
}

/** What a slot nobody wrote holds. */
export const NOTHING: Digest = { low: 0, high: 0 }
/** A digest no value has: whatever a slot ends with differs from it. */
export const SOMETHING_ELSE: Digest = { low: 0, high: 1 }

/** The values that need no record: members and who is none, and no value. */
export const TRUE = valueText('true')
export const FALSE = valueText('false')
export const NULL = valueText('null')

/** What membership slots hold of a member, and of somebody who is none. */
export const MEMBER = TRUE.digest
export const NO_MEMBER = FALSE.digest
/** There is no value at the destination. */
export const NO_VALUE = NULL.digest

/** Whether two digests are of the same value. */
export function isSameDigest(one: Digest, other: Digest): boolean {
  return one.low === other.low && one.high === other.high
}

/** Whether there is no value behind a digest: nobody wrote the slot. */
export function isNothing({ low, high }: Digest): boolean {
  return low === 0 && high === 0
}

/** 16 hexadecimal digits. */
export function digestHex({ low, high }: Digest): string {
  return wordHex(high) + wordHex(low)
}

function wordHex(word: number): string {
  return word.toString(16).padStart(8, '0')
}
