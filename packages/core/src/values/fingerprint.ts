import { canonicalText } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'
import { digestHex, digestOfBytes } from '../rows/hash/digest.ts'

const SEEDS = [0x656e6761, 0x67652d73]
const encoder = new TextEncoder()

/**
 * A short text that is equal for equal meanings: 128 bits of the canonical JSON, as 32 hexadecimal
 * digits.
 *
 * Shape: any JSON value in; the order of object members does not matter. Stable across versions of
 * Node and machines.
 */
export function fingerprintOf(meaning: Json): string {
  const bytes = encoder.encode(canonicalText(meaning))
  return SEEDS.map((seed) => digestHex(digestOfBytes(bytes, seed))).join('')
}
