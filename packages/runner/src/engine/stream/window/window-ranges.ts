import { setImmediate } from 'node:timers/promises'
import { datedProgram } from '@engage-sync/core'
import type { RawChunk } from '@engage-sync/core'
import type { DeferredUsers } from '../../deferred/index.ts'
import type { ReadRange } from '../../reading/index.ts'
import type { FedChunk } from '../feeding/index.ts'
import type { Session } from '../session/index.ts'

/** What a window folds. */
export interface WindowRecords {
  readonly taken: readonly FedChunk[]
  readonly deferred: DeferredUsers
  /** The window's `now`, milliseconds. */
  readonly nowMs: number
}

/** What a window folds, by source: what came; and of sources that are not followed, what waits. */
export function rangesOf(
  { open, positions, inputs }: Session,
  { taken, deferred, nowMs }: WindowRecords,
): ReadonlyMap<string, readonly ReadRange[]> {
  const ranges = new Map<string, readonly ReadRange[]>()
  for (const [source, program] of open.mappings.programs) {
    const records = deferred.recordsOf(source)
    const isFollowed = inputs.streams.has(source)
    if (!isFollowed && records.length === 0) continue
    const chunks = taken.filter((each) => each.source === source).map(({ chunk }) => chunk)
    const range: ReadRange = {
      source,
      program: datedProgram(program, nowMs),
      kind: isFollowed ? 'new' : 'deferred',
      deferred: records,
      from: positions.get(source) ?? null,
      repeats: false,
      read: (signal) => readAll(chunks, signal),
    }
    ranges.set(source, [range])
  }
  return ranges
}

/** The chunks, as often as it is asked for them. */
async function* readAll(
  chunks: readonly RawChunk[],
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  for (const chunk of chunks) {
    signal.throwIfAborted()
    yield chunk
    // Whoever waits for the process is served between two chunks.
    await setImmediate()
  }
}
