import type { Json } from '../json.ts'
import { hashBytes, hashOut } from '../rows/hash.ts'
import { canonicalText } from './canonical.ts'

const SEEDS = [0x656e6761, 0x67652d73]
const encoder = new TextEncoder()

/**
 * A short text that is equal for equal meanings: 128 bits of the canonical JSON, as 32 hexadecimal digits.
 *
 * Shape: any JSON value in; the order of object members does not matter. Stable across versions of Node and machines.
 */
export function fingerprintOf(meaning: Json): string {
  const bytes = encoder.encode(canonicalText(meaning))
  return SEEDS.map((seed) => {
    hashBytes(bytes, 0, bytes.length, seed)
    return hexWord(hashOut[1]) + hexWord(hashOut[0])
  }).join('')
}

function hexWord(value: number): string {
  return value.toString(16).padStart(8, '0')
}
