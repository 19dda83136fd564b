import type { Rejection } from '@engage-sync/contract'

const NEWLINE = 0x0a
const SPACE = 0x20
/** The byte order mark some programs begin a file with. */
const MARK = [0xef, 0xbb, 0xbf]
const OPENING = new Set([0x5b, 0x7b])

/** Why no line of a file can be an event, by its beginning; null where lines may be events. */
export function wholeRejection(bytes: Uint8Array): Rejection | null {
  if (isUtf16(bytes)) {
    const message =
      'Expected UTF-8, got a file in UTF-16; write it anew, e.g. `iconv -f UTF-16 -t UTF-8 FILE`.'
    return { code: 'RECORD_INVALID_UTF8', message }
  }
  if (isDocumentStart(bytes)) {
    const message =
      'Expected one event a line, got one JSON text over several lines; write it as lines, e.g. `jq -c ".[]" FILE`.'
    return { code: 'RECORD_SEVERAL_LINES', message }
  }
  return null
}

/**
 * Whether a text is in UTF-16: by its byte order mark, or by the zero byte beside its first
 * character, which no JSON has.
 */
function isUtf16([first, second]: Uint8Array): boolean {
  if (first === undefined || second === undefined) return false
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  return isMarked || (first === 0) !== (second === 0)
}

/**
 * Whether a text begins as JSON that was printed over several lines: with a line of opening
 * brackets alone.
 *
 * No event is such a line, so that nothing that can be read is taken for it.
 */
function isDocumentStart(bytes: Uint8Array): boolean {
  let brackets = 0
  for (const [at, byte] of bytes.entries()) {
    if (OPENING.has(byte)) brackets++
    else if (byte === NEWLINE && brackets > 0) return true
    else if (byte > SPACE && !(at < MARK.length && byte === MARK[at])) return false
  }
  return false
}
