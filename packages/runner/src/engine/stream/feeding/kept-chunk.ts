import type { RawChunk } from '@engage-sync/core'

/** A chunk of its own, with no more bytes than its records have: the source's is used again. */
export function keptChunk(chunk: RawChunk): RawChunk {
  const { spans, count, position, origin, rejected } = chunk
  const own = spans.slice(0, count * 2)
  const from = own.reduce((least, at) => Math.min(least, at), count === 0 ? 0 : Infinity)
  const to = own.reduce((most, at) => Math.max(most, at), 0)
  const bytes = chunk.bytes.slice(from, to)
  return {
    bytes,
    spans: own.map((at) => at - from),
    count,
    position,
    origin: { ...origin },
    rejected: [...rejected],
  }
}

/** Records of a chunk, those that never became bytes among them. */
export function recordsOf({ count, rejected }: RawChunk): number {
  return count + rejected.length
}
