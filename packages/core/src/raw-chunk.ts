import type { DecodedRow, RawChunk, RowDecoder } from './source.ts'

/**
 * A record of a chunk as a row, decoded now, or taken from those decoded before. Used again by the next call.
 *
 * @param record - below the chunk's `count`
 */
export function rowOf(
  decoder: RowDecoder,
  { bytes, spans, rows }: RawChunk,
  record: number,
): DecodedRow {
  // Spans hold two numbers a record.
  return rows === undefined
    ? decoder.decode(bytes, spans[record * 2], spans[record * 2 + 1])
    : rows.at(record)
}

/** The bytes of a record of a chunk, not copied. @param record - below the chunk's `count` */
export function recordBytes(
  { bytes, spans }: Pick<RawChunk, 'bytes' | 'spans'>,
  record: number,
): Uint8Array {
  return bytes.subarray(spans[record * 2], spans[record * 2 + 1])
}
