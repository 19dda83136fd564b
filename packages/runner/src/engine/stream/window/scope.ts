import type { FedChunk } from '../feeding/index.ts'
import type { Session } from '../session/index.ts'
import type { DeadLetterContext } from '../../dead-letters/index.ts'

/** How long the requests of a window may take once the stream is to end. */
export interface WindowSignals {
  /** Aborted: nothing more is started. */
  readonly signal: AbortSignal
  /** Aborted: what is in flight is given up. */
  readonly sendSignal: AbortSignal
}

/** What the steps of one window share. */
export interface WindowScope {
  readonly session: Session
  readonly taken: readonly FedChunk[]
  readonly signals: WindowSignals
  /** The window's `now`, milliseconds. */
  readonly nowMs: number
  /** Partitions whose rows in memory are not what the state holds. */
  readonly stale: Set<number>
  /** Users forgotten, as rows name them. */
  readonly gone: Set<string>
}

/** What letters of the window carry. */
export function lettersOf({ session, nowMs }: WindowScope): DeadLetterContext {
  const { shift, inputs } = session
  return { run: shift.number, nowMs, days: inputs.options.deadLetterDays }
}
