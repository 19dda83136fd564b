import type { RawChunk, SourcePosition } from '@engage-sync/contract'
import { SourceUnavailableError } from '../../remote/index.ts'
import { sleepUntil } from '../../source/index.ts'

const FIRST_WAIT_MS = 100
const MAX_WAIT_MS = 2000

/** A chunk without records moves nothing that anybody waits for. */
const bringsSomething = ({ count, rejected }: RawChunk): boolean => count + rejected.length > 0

/**
 * Follows a server that may be gone for a while: begins again where it was.
 *
 * Shape: the chunks of `follow`, but those that bring neither records nor rejections; ends quietly
 * when the signal aborts. What says that the server is not available (`SOURCE_UNAVAILABLE`) is
 * waited out, for as long as it takes; what else is thrown ends it.
 *
 * @param follow - goes on from a position until it is over, in whatever way
 */
export async function* followAgain(
  follow: (from: SourcePosition | null, signal: AbortSignal) => AsyncIterable<RawChunk>,
  from: SourcePosition | null,
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  let position = from
  for (let waitMs = FIRST_WAIT_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, MAX_WAIT_MS)) {
    try {
      for await (const chunk of follow(position, signal)) {
        position = chunk.position
        waitMs = FIRST_WAIT_MS
        if (bringsSomething(chunk)) yield chunk
      }
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof SourceUnavailableError)) throw error
    }
    await sleepUntil(waitMs, signal)
  }
}
