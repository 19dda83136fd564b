const NEWLINE = 0x0a

/**
 * Cuts lines into messages that are not too long.
 *
 * Shape: parts of the same bytes, in order, each whole lines; a line that is longer than a message
 * may be is one by itself.
 *
 * @param maxBytes - of a message
 */
export function* cutLines(lines: Uint8Array, maxBytes: number): Iterable<Uint8Array> {
  for (let start = 0; start < lines.length;) {
    const end = endOfMessage(lines, start, maxBytes)
    yield lines.subarray(start, end)
    start = end
  }
}

function endOfMessage(lines: Uint8Array, start: number, maxBytes: number): number {
  if (lines.length - start <= maxBytes) return lines.length
  const last = lines.lastIndexOf(NEWLINE, start + maxBytes - 1)
  if (last >= start) return last + 1
  const next = lines.indexOf(NEWLINE, start)
  return next < 0 ? lines.length : next + 1
}
