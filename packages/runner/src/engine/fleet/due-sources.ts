import type { Source, StateStore, StreamSource } from '@engage-sync/core'
import { readLater } from '../../state/values/read-later.ts'
import { sourceReads } from '../../state/values/source-reads.ts'
import type { StreamStatus } from '../stream/index.ts'
import { writeBeside } from './loans.ts'
import { watchFor } from './watch-for.ts'
import type { Watched } from './watch-for.ts'

/** How often it is looked whether a source is due, milliseconds. */
const LOOK_MS = 1000
/** How often it is looked whether a reading waits, milliseconds. */
const TROUBLE_MS = 200
/** How long a source that could not be read is left alone, milliseconds. */
const AGAIN_MS = 300_000

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
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Whether a source that ends is to be read again, whoever read it last. One that never was is read
 * before the first worker joins.
 */
export async function isSomeDue(scheduled: ScheduledSources): Promise<boolean> {
  const { store, sources, streams } = scheduled
  const followed = new Set<unknown>(streams)
  const names = [...sources].flatMap(([name, source]) => (followed.has(source) ? [] : [name]))
  if (names.length === 0) return false
  const reads = await sourceReads.readAll(store)
  const isDue = await dueBy(scheduled)
  return names.some((name) => {
    const readMs = reads.get(name)
    return readMs !== undefined && isDue(name, readMs)
  })
}

/** What the schedules say, unless what is due was put off. */
export async function dueBy({
  store,
  isScheduled = () => false,
  now,
}: ScheduledSources): Promise<NonNullable<ScheduledSources['isScheduled']>> {
  return (await readLater.read(store)) > now() ? () => false : isScheduled
}

/** Waits until a reading waits for its source, and puts off what is due for all workers. @param status - of the reading */
export function watchTrouble(
  { store, now }: ScheduledSources,
  status: () => StreamStatus | null,
): Watched {
  const isAway = async () => {
    const { state = null, reason = null } = status() ?? {}
    if (state !== 'waiting' || reason?.code.startsWith('SOURCE_') !== true) return false
    await writeBeside(store, [readLater.stored(now() + AGAIN_MS)])
    return true
  }
  return watchFor(isAway, TROUBLE_MS)
}

/** Waits until one is. */
export function watchDue(scheduled: ScheduledSources): Watched {
  return watchFor(() => isSomeDue(scheduled), LOOK_MS)
}
