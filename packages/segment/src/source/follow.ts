import { setTimeout as sleep } from 'node:timers/promises'
import type { RawChunk, SourcePosition } from '@engage-sync/contract'

/** How a source is followed that can be read to its end as of now. */
export interface Following {
  /** What stands behind a position, to the end as of now. */
  readonly read: (from: SourcePosition | null) => AsyncIterable<RawChunk>
  /**
   * Resolves once there may be more than when it resolved last, at once the first time, and when
   * the signal aborts. What comes while a reading goes on counts as more.
   */
  readonly next: (signal: AbortSignal) => Promise<void>
  /** Whether a reading that broke off so may be tried again, such as when a file was moved away. */
  readonly passes?: (error: unknown) => boolean
}

/**
 * Reads a source again and again, each time from where it ended.
 *
 * Shape: the chunks of `read`, but those that bring neither records nor rejections; ends quietly
 * when the signal aborts.
 */
export async function* followByReading(
  { read, next, passes = () => false }: Following,
  from: SourcePosition | null,
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  let position = from
  for (await next(signal); !signal.aborted; await next(signal)) {
    let last: RawChunk | null = null
    try {
      for await (const chunk of read(position)) {
        last = chunk
        if (chunk.count > 0 || chunk.rejected.length > 0) yield chunk
      }
    } catch (error) {
      if (!signal.aborted && !passes(error)) throw error
    }
    if (last !== null) position = last.position
  }
}

/** Sleeps, and wakes early when the signal aborts. @param ms - milliseconds */
export async function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
