import type { Random } from './random.ts'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const LENGTH = 27
/** KSUIDs count seconds from 13 May 2014. */
const EPOCH_S = 1_400_000_000
const WORD = 0x1_0000_0000

/**
 * A KSUID: 27 characters that sort by time.
 *
 * @param timeMs - milliseconds since the epoch
 * @see https://github.com/segmentio/ksuid
 */
export function ksuid(timeMs: number, random: Random): string {
  const words = [
    Math.floor(timeMs / 1000) - EPOCH_S,
    random.uint32(),
    random.uint32(),
    random.uint32(),
    random.uint32(),
  ]
  return base62(words, LENGTH)
}

/** The last digits of one long number (32-bit words, most significant first) in base 62. */
export function base62(words: readonly number[], length: number): string {
  const rest = [...words]
  let text = ''
  for (let digit = 0; digit < length; digit++) {
    let remainder = 0
    rest.forEach((word, index) => {
      const value = remainder * WORD + word
      rest[index] = Math.floor(value / 62)
      remainder = value % 62
    })
    text = DIGITS[remainder] + text
  }
  return text
}
