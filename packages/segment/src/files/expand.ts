import { parseSource, writeSource } from '@engage-sync/contract'
import type { SourceJson } from '@engage-sync/contract'
import { unwrap } from '../decode/record/index.ts'

const OPEN_BRACKET = 0x5b
const OPEN_BRACE = 0x7b
const B = 0x62
const E = 0x65
const HEADS = ['{"batch"', '{"events"'].map((text) => Buffer.from(text))

/** Whether a line begins as several events in one do: an array, `{"batch"` or `{"events"`. */
export function isBatchLine(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] === OPEN_BRACKET) return true
  if (bytes[start] !== OPEN_BRACE || (bytes[start + 2] !== B && bytes[start + 2] !== E))
    return false
  return HEADS.some(
    (head) =>
      end - start > head.length && head.every((byte, index) => bytes[start + index] === byte),
  )
}

/**
 * The events of a line that holds several, each as a record of its own; null when it is no such
 * line after all.
 */
export function expandBatch(
  line: Buffer,
): { readonly bytes: Uint8Array; readonly spans: Int32Array } | null {
  const texts = readEvents(line)
  if (texts === null || texts.length < 2) return null
  const spans = new Int32Array(texts.length * 2)
  let at = 0
  texts.forEach((text, index) => {
    spans[index * 2] = at
    at += text.length
    spans[index * 2 + 1] = at
  })
  return { bytes: Buffer.concat(texts), spans }
}

/** Null for what is no JSON, and for what is nested so deep that it cannot be written again. */
function readEvents(line: Buffer): readonly Buffer[] | null {
  try {
    return unwrap(parseSource(line.toString('utf8'))).map((event) =>
      Buffer.from(writeSource(event as SourceJson)),
    )
  } catch {
    return null
  }
}
