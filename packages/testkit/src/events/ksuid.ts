import type { Random } from '../random/index.ts'

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

/** Three digits at once: with a word behind it, that is still an exact number. */
const GROUP = 62 ** 3

/** The last digits of one long number (32-bit words, most significant first) in base 62. */
export function base62(words: readonly number[], length: number): string {
  const rest = [...words]
  let text = ''
  while (text.length < length) {
    let remainder = 0
    for (let index = 0; index < rest.length; index++) {
      const value = remainder * WORD + (rest[index] ?? 0)
      rest[index] = Math.floor(value / GROUP)
      remainder = value % GROUP
    }
    text = digitAt(remainder / 62 ** 2) + digitAt(remainder / 62) + digitAt(remainder) + text
  }
  return text.slice(-length)
}

function digitAt(value: number): string {
  return DIGITS.charAt(Math.floor(value) % 62)
}
