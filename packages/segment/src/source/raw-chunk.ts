import type { RawChunk, RejectedRecord, SourcePosition } from '@engage-sync/contract'

/** What a chunk of records that were made here, not read as bytes, consists of. */
export interface ChunkParts {
  /** JSON texts without line ends. */
  readonly records: readonly string[]
  readonly rejected?: readonly RejectedRecord[]
  readonly position: SourcePosition
  readonly origin: RawChunk['origin']
}

const NEWLINE = 0x0a

/** Packs JSON texts as one chunk: UTF-8, a newline behind each, spans without it. */
export function toRawChunk({ records, rejected = [], position, origin }: ChunkParts): RawChunk {
  const bytes = Buffer.from(records.length === 0 ? '' : `${records.join('\n')}\n`)
  const spans = new Int32Array(records.length * 2)
  let start = 0
  for (let record = 0; record < records.length; record++) {
    const end = bytes.indexOf(NEWLINE, start)
    spans[record * 2] = start
    spans[record * 2 + 1] = end
    start = end + 1
  }
  return { bytes, spans, count: records.length, position, origin, rejected }
}
