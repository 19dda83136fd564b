import type { DecodedRow, RawChunk, RowDecoder } from '@engage-sync/contract'

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
  return rows === undefined
    ? decoder.decode(bytes, startOf(spans, record), endOf(spans, record))
    : rows.at(record)
}

/** The bytes of a record of a chunk, not copied. @param record - below the chunk's `count` */
export function recordBytes(
  { bytes, spans }: Pick<RawChunk, 'bytes' | 'spans'>,
  record: number,
): Uint8Array {
  return bytes.subarray(startOf(spans, record), endOf(spans, record))
}

/** Spans hold two numbers a record, so that neither is ever missing. */
function startOf(spans: Int32Array, record: number): number {
  return spans[record * 2] ?? 0
}

function endOf(spans: Int32Array, record: number): number {
  return spans[record * 2 + 1] ?? 0
}
