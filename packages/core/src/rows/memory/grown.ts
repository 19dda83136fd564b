type Growing = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array

/**
 * The array with more room; what is new is zero.
 *
 * The old array is empty afterwards, and its memory is free at once: left to the garbage collector,
 * every 32 MB of outgrown arrays cost a full collection. The array must be the only one on its
 * buffer.
 */
export function grown<T extends Growing>(array: T, length: number): T {
  const buffer = (array.buffer as ArrayBuffer).transfer(length * array.BYTES_PER_ELEMENT)
  return new (array.constructor as new (buffer: ArrayBuffer) => T)(buffer)
}

/**
 * Gives the memory of some bytes back at once, for the same reason. They must be the only ones on
 * their buffer.
 */
export function release(bytes: Uint8Array): void {
  ;(bytes.buffer as ArrayBuffer).transfer(0)
}

/**
 * Arrays of fewer elements double, larger ones grow by a quarter: few steps at first, little unused
 * room later.
 */
const SMALL = 1024

/** The next size of an array that is full. */
export function nextSize(size: number): number {
  return size < SMALL ? size * 2 : Math.ceil(size * 1.25)
}
