import type { Json, RawChunk, RejectedRecord, Source, SourcePosition } from '@engage-sync/contract'
import { toRawChunk } from '../src/source/raw-chunk.ts'

/** What came out of a source, chunk by chunk. */
export interface ReadChunk {
  readonly records: readonly string[]
  readonly position: SourcePosition
  readonly rejected: readonly RejectedRecord[]
  readonly origin: { readonly name: string; readonly firstRecord: number }
  /** Event time as of which users who were not read are gone; undefined when the chunk does not say. */
  readonly goneAt: number | undefined
}

/** Reads a source to its end, or to so many chunks. */
export function readChunks(
  source: Source,
  from: SourcePosition | null = null,
  most = Number.POSITIVE_INFINITY,
): Promise<ReadChunk[]> {
  return collect(source.read(from, new AbortController().signal), most)
}

/** Reads what a source has between two positions. */
export function readBetween(
  source: Source,
  from: SourcePosition | null,
  to: SourcePosition,
): Promise<ReadChunk[]> {
  return collect(source.readBetween!(from, to, new AbortController().signal), Infinity)
}

async function collect(read: AsyncIterable<RawChunk>, most: number): Promise<ReadChunk[]> {
  const chunks: ReadChunk[] = []
  for await (const chunk of read) {
    const records = Array.from({ length: chunk.count }, (_, index) => {
      return Buffer.from(
        chunk.bytes.subarray(chunk.spans[index * 2], chunk.spans[index * 2 + 1]),
      ).toString()
    })
    // Positions are stored as JSON text.
    const position = JSON.parse(JSON.stringify(chunk.position)) as Json
    chunks.push({
      records,
      position,
      rejected: [...chunk.rejected],
      origin: { ...chunk.origin },
      goneAt: chunk.complete?.time,
    })
    if (chunks.length >= most) break
  }
  return chunks
}

/** All records of a source. */
export async function readRecords(
  source: Source,
  from: SourcePosition | null = null,
): Promise<string[]> {
  return (await readChunks(source, from)).flatMap(({ records }) => records)
}

/** A source that gives the value of one trait of each record in its place, so that contracts on arbitrary records can run. */
export function valuesOf(source: Source, trait: string): Source {
  return {
    name: source.name,
    ...(source.check !== undefined && {
      check: (signal: AbortSignal) => source.check!(signal),
    }),
    read: (from, signal) => valuesIn(source.read(from, signal), trait),
    ...(source.readBetween !== undefined && {
      readBetween: (from: SourcePosition | null, to: SourcePosition, signal: AbortSignal) =>
        valuesIn(source.readBetween!(from, to, signal), trait),
    }),
  }
}

async function* valuesIn(chunks: AsyncIterable<RawChunk>, trait: string): AsyncGenerator<RawChunk> {
  for await (const chunk of chunks) {
    const values = Array.from({ length: chunk.count }, (_, index) => {
      const record = Buffer.from(
        chunk.bytes.subarray(chunk.spans[index * 2], chunk.spans[index * 2 + 1]),
      ).toString()
      return JSON.stringify((JSON.parse(record) as { traits: Record<string, Json> }).traits[trait])
    })
    const { position, origin, rejected, complete } = chunk
    yield {
      ...toRawChunk({ records: values, position, origin, rejected }),
      ...(complete === undefined ? {} : { complete }),
    }
  }
}
