import type { RawChunk, Source, SourcePosition } from '@engage-sync/core'

/** The records a window took of a source, as a source. It may be read again. */
export function windowSource(name: string, chunks: readonly RawChunk[]): Source {
  async function* read(_: SourcePosition | null, signal: AbortSignal): AsyncGenerator<RawChunk> {
    for (const chunk of chunks) {
      signal.throwIfAborted()
      yield chunk
    }
  }
  return { name, read }
}
