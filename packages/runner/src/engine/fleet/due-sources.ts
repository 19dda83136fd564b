import type { Source, StateStore, StreamSource } from '@engage-sync/core'
import { sourceReads } from '../../state/values/source-reads.ts'
import { watchFor } from './watch-for.ts'
import type { Watched } from './watch-for.ts'

/** How often it is looked whether a source is due, milliseconds. */
const LOOK_MS = 1000

/** Sources that end beside those that go on, and when they are to be read again. */
export interface ScheduledSources {
  readonly store: StateStore
  readonly sources: ReadonlyMap<string, Source>
  /** Those that go on. */
  readonly streams: readonly StreamSource[]
  /**
   * Whether a source that ends is to be read again by now, by when that was done last, milliseconds
   * since the epoch. Default: it has no schedule.
   */
  readonly isScheduled?: ((source: string, readMs: number) => boolean) | undefined
}

/**
 * Whether a source that ends is to be read again, whoever read it last. One that never was is read
 * before the first worker joins.
 */
export async function isSomeDue({
  store,
  sources,
  streams,
  isScheduled,
}: ScheduledSources): Promise<boolean> {
  const followed = new Set<unknown>(streams)
  const names = [...sources].flatMap(([name, source]) => (followed.has(source) ? [] : [name]))
  if (isScheduled === undefined || names.length === 0) return false
  const reads = await sourceReads.readAll(store)
  return names.some((name) => {
    const readMs = reads.get(name)
    return readMs !== undefined && isScheduled(name, readMs)
  })
}

/** Waits until one is. */
export function watchDue(scheduled: ScheduledSources): Watched {
  return watchFor(() => isSomeDue(scheduled), LOOK_MS)
}
