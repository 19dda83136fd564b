import type { Stream, StreamOptions } from '../stream/index.ts'
import type { ScheduledSources } from './due-sources.ts'
import { followedAlone } from './owned-state.ts'
import type { WorkerStatus } from './status.ts'

/** What a worker needs beside what a stream does. */
export interface WorkerOptions
  extends Omit<StreamOptions, 'share' | 'stopsInLine'>, Pick<ScheduledSources, 'isScheduled'> {
  /** Where its desk is; null without one. Asked when it joins. */
  readonly url: () => string | null
  /** How many partitions it takes at most. Default: all. */
  readonly demand?: number
  /** After this long without a word it is lost, milliseconds. Default 5,000. */
  readonly workerTtlMs?: number
  /** Whom the others know it as. Default: this process. */
  readonly worker?: string
  /** Told when the environment was lent, and is back: its configuration may be another by then. */
  readonly onReturned?: () => void
  /** The configuration this process went by last; noted here. Default: none yet. */
  readonly known?: { fingerprint: string | null }
  /**
   * After how long without anybody who has the newest configuration a former one is it again,
   * milliseconds. Default 15,000.
   */
  readonly forsakenMs?: number
}

/** One of several workers. */
export interface Worker extends Stream {
  status(): WorkerStatus
}

/** @throws {SyncError} `CONFIG_STREAM_ALONE` for what only one process can follow */
export function refuseAlone({ streams }: Pick<WorkerOptions, 'streams'>): void {
  for (const stream of streams) if (stream.earliest === undefined) throw followedAlone(stream.name)
}
