const QUOTE = 0x22
const BACKSLASH = 0x5c
const NEWLINE = 0x0a
const SPACE = 0x20
/** The byte order mark some programs begin a file with. */
const MARK = [0xef, 0xbb, 0xbf]
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

/**
 * Whether a text begins as JSON that was printed over several lines: with a line of opening
 * brackets alone.
 *
 * No event is such a line, so that nothing that can be read is taken for it.
 */
export function isDocumentStart(bytes: Uint8Array): boolean {
  let brackets = 0
  for (const [at, byte] of bytes.entries()) {
    if (OPENING.has(byte)) brackets++
    else if (byte === NEWLINE && brackets > 0) return true
    else if (byte > SPACE && !(at < MARK.length && byte === MARK[at])) return false
  }
  return false
}
