import type { DecodePlan } from '@engage-sync/contract'
import type { PackedRows } from './packed-rows.ts'

/** What the worker is started with. */
export interface AheadOptions {
  readonly plan: DecodePlan
}

/** To the worker: a chunk to decode. Its buffers are handed over. */
export interface ToDecode {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly spans: Int32Array<ArrayBuffer>
  readonly count: number
  /** Arrays of an earlier answer, to be filled anew. */
  readonly room: PackedRows | null
}

/** From the worker, in the order of the chunks. Buffers are handed over, the chunk's own back. */
export interface Decoded {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly spans: Int32Array<ArrayBuffer>
  readonly rows: PackedRows
}

/** The buffers a message hands over. */
export function buffersOf({
  bytes,
  spans,
  rows,
}: {
  bytes: Uint8Array
  spans: Int32Array
  rows: PackedRows | null
}): ArrayBuffer[] {
  const own = [bytes.buffer, spans.buffer] as ArrayBuffer[]
  return rows === null
    ? own
    : [...own, rows.ints.buffer, rows.starts.buffer, rows.times.buffer, rows.extra.buffer]
}
