/**
 * 64 bits of MurmurHash3 x86 128 over a span of bytes, left in `hashOut[0]` (low) and `hashOut[1]`
 * (high).
 *
 * Shape: bytes in, two unsigned 32-bit halves out; never both zero, so zero can mean "none".
 * Synchronous, allocates nothing: the caller reads `hashOut` before the next call.
 *
 * @param seed - separates uses: user identifiers of different kinds, values, plans
 * @see https://github.com/aappleby/smhasher (public domain reference of the algorithm)
 */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number): void {
  const length = end - start
  lanes[0] = seed
  lanes[1] = seed
  lanes[2] = seed
  lanes[3] = seed
  const tail = end - (length & 15)
  for (let at = start; at < tail; at += 16) mixBlock(bytes, at)
  if (tail < end) mixTail(bytes, tail, end)
  finish(length)
}

/** Where `hashBytes` leaves its result: low and high half. */
export const hashOut = new Uint32Array(2)

const lanes = new Int32Array(4)
const C1 = 0x239b961b
const C2 = 0xab0e9789 | 0
const C3 = 0x38b34ae5
const C4 = 0xa1e38b93 | 0

function word(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}

function mixBlock(bytes: Uint8Array, at: number): void {
  let h1 = lanes[0]
  let h2 = lanes[1]
  let h3 = lanes[2]
  let h4 = lanes[3]
  h1 ^= Math.imul(rotate(Math.imul(word(bytes, at), C1), 15), C2)
  h1 = (Math.imul(rotate(h1, 19) + h2, 5) + 0x561ccd1b) | 0
  h2 ^= Math.imul(rotate(Math.imul(word(bytes, at + 4), C2), 16), C3)
  h2 = (Math.imul(rotate(h2, 17) + h3, 5) + 0x0bcaa747) | 0
  h3 ^= Math.imul(rotate(Math.imul(word(bytes, at + 8), C3), 17), C4)
  h3 = (Math.imul(rotate(h3, 15) + h4, 5) + 0x96cd1c35) | 0
  h4 ^= Math.imul(rotate(Math.imul(word(bytes, at + 12), C4), 18), C1)
  h4 = (Math.imul(rotate(h4, 13) + h1, 5) + 0x32ac3b17) | 0
  lanes[0] = h1
  lanes[1] = h2
  lanes[2] = h3
  lanes[3] = h4
}

function partialWord(bytes: Uint8Array, at: number, end: number): number {
  let value = 0
  const stop = Math.min(at + 4, end)
  for (let index = stop - 1; index >= at; index--) value = (value << 8) | bytes[index]
  return value
}

function mixTail(bytes: Uint8Array, at: number, end: number): void {
  lanes[0] ^= Math.imul(rotate(Math.imul(partialWord(bytes, at, end), C1), 15), C2)
  if (at + 4 < end)
    lanes[1] ^= Math.imul(rotate(Math.imul(partialWord(bytes, at + 4, end), C2), 16), C3)
  if (at + 8 < end)
    lanes[2] ^= Math.imul(rotate(Math.imul(partialWord(bytes, at + 8, end), C3), 17), C4)
  if (at + 12 < end)
    lanes[3] ^= Math.imul(rotate(Math.imul(partialWord(bytes, at + 12, end), C4), 18), C1)
}

function avalanche(value: number): number {
  let h = value
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

function finish(length: number): void {
  const sum =
    ((lanes[0] ^ length) + (lanes[1] ^ length) + (lanes[2] ^ length) + (lanes[3] ^ length)) | 0
  const h1 = avalanche(sum)
  const h2 = avalanche(((lanes[1] ^ length) + sum) | 0)
  const h3 = avalanche(((lanes[2] ^ length) + sum) | 0)
  const h4 = avalanche(((lanes[3] ^ length) + sum) | 0)
  const total = (h1 + h2 + h3 + h4) | 0
  hashOut[0] = total
  hashOut[1] = (h2 + total) | 0
  if (hashOut[0] === 0 && hashOut[1] === 0) hashOut[0] = 1
}
