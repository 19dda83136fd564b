import type { SharedChange, SourcePosition, StateStore, StreamSource } from '@engage-sync/core'
import type { EngineOptions } from '../../request/index.ts'

/** Records of one window at most, unless it is said. */
export const MAX_WINDOW_RECORDS = 50_000

/** The part of a state that one of several workers follows streams into. */
export interface StreamShare {
  /** Partitions that are its own. */
  readonly partitions: ReadonlySet<number>
  /** Whether all that former owners may have read of a source stands before a position. */
  readonly isPast: (source: string, position: SourcePosition) => boolean
  /** Aborted once they are its own no more: nothing leaves after that. */
  readonly lost: AbortSignal
  readonly shared: SharedState
}

/** What of a state all workers read and change, beside rows of their own. */
export interface SharedState {
  /** Whom the others know it as. */
  readonly worker: string
  /** All of it, to be read. */
  readonly whole: Pick<StateStore, 'values' | 'loadPartition'>
  /** See `FleetStore`. @throws {SyncError} `STATE_LEASE_LOST`, `STATE_UNAVAILABLE` */
  changeValue<Result>(key: string, change: SharedChange<Result>): Promise<Result>
}

/** What a stream needs beside what a run does. */
export interface StreamOptions extends EngineOptions {
  /** Those of the sources that go on; the others are read once, before the first window. */
  readonly streams: readonly StreamSource[]
  /** Least time between the starts of two windows, milliseconds. 0: as soon as the last one ended. */
  readonly windowMs: number
  /**
   * Records a window takes at most, unless a single chunk holds more. After a crash as many are
   * folded in doubt. Default 50,000.
   */
  readonly maxWindowRecords?: number
  /**
   * How long what failed waits before it is tried again, milliseconds; the wait doubles up to 64
   * times as long. Default 500.
   */
  readonly retryMs?: number
  /**
   * How long after the last request left its answer counts as late: its users wait, nobody else.
   * Milliseconds. Default: three times what answers take, and a second at most.
   */
  readonly lateMs?: number
  /**
   * Whether a source that does not go on is to be read again before the first window, by when that
   * was done last, milliseconds since the epoch. One that never was is read. Default: each, once.
   */
  readonly isDue?: (source: string, readMs: number) => boolean
  /** One worker of several works on these partitions alone. Default: on all of them, and alone. */
  readonly share?: StreamShare
  /** Ends once the state is in line with the configuration, before the first window. Default false. */
  readonly stopsInLine?: boolean
  /** Told of every window that was committed. */
  readonly onWindow?: (window: WindowReport) => void
}

/** One window, once it is committed. */
export interface WindowReport {
  /** Counts up from 1 while the stream is open. */
  readonly number: number
  readonly startedMs: number
  /** From taking its records to their commit, milliseconds. */
  readonly ms: number
  /** Records it took, those that could not be read among them. */
  readonly records: number
  /** When its oldest record came, milliseconds since the epoch; null for one without records. */
  readonly oldestMs: number | null
  /** Users something was sent of. */
  readonly users: number
  /** Requests to the destination. */
  readonly requests: number
  /** Users who wait, whatever for. */
  readonly held: number
}
