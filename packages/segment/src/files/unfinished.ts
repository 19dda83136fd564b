const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, 0x7d])

/**
 * Whether a text may be the beginning of a JSON text that is still being written: a string or a
 * bracket is open at its end.
 */
export function isUnfinished(bytes: Uint8Array): boolean {
  let depth = 0
  let isText = false
  let isEscaped = false
  for (const byte of bytes) {
    if (isEscaped) isEscaped = false
    else if (isText && byte === BACKSLASH) isEscaped = true
    else if (byte === QUOTE) isText = !isText
    else if (!isText && OPENING.has(byte)) depth++
    else if (!isText && CLOSING.has(byte)) depth--
  }
  return isText || depth > 0
}
