import { isDeepStrictEqual } from 'node:util'
import type {
  CommitGroup,
  Json,
  PartitionPosition,
  SourcePosition,
  StateStore,
  StreamSource,
  Writer,
} from '@engage-sync/core'
import { PARTITIONS, SyncError } from '@engage-sync/core'
import { MAX_WINDOW_RECORDS } from '../stream/index.ts'
import { OwnPartitions } from './own-partitions.ts'
import type { Ownership } from './own-partitions.ts'

/** What of a state is a worker's. */
export interface Owned extends Ownership {
  /** What is followed, by the name the syncs use. */
  readonly streams: ReadonlyMap<string, StreamSource>
  /** Records of a window at most. */
  readonly maxWindowRecords?: number | undefined
}

const SENDING = 'sending'

/**
 * The same for one who follows streams: a position becomes one of each of its partitions. What may
 * have been sent of the next records is not written down: it is a window's worth, always.
 */
export class OwnedState extends OwnPartitions {
  readonly #owned: Omit<Owned, 'member'>
  /** By source: where the partitions stood at first. */
  #starts = new Map<string, readonly SourcePosition[]>()

  constructor(store: StateStore, owned: Owned) {
    super(store, owned)
    this.#owned = owned
  }

  /** Whether all that former owners may have read of a source stands before a position. */
  readonly isPast = (source: string, position: SourcePosition): boolean => {
    const stream = this.#owned.streams.get(source)
    return (this.#starts.get(source) ?? []).every((start) =>
      isDeepStrictEqual(earliestOf(stream, [start, position]), start),
    )
  }

  /** The earliest of those of its partitions. */
  override async positions(): Promise<ReadonlyMap<string, SourcePosition>> {
    const { partitions, streams } = this.#owned
    const whole = await super.positions()
    const own = (await super.partitionPositions()).filter(({ partition }) =>
      partitions.has(partition),
    )
    const positions = new Map(whole)
    for (const [source, stream] of streams) {
      const ofSource = own.filter((one) => one.source === source).map(({ position }) => position)
      const base = whole.get(source)
      const isAll = ofSource.length === partitions.size
      const all = isAll || base === undefined ? ofSource : [...ofSource, base]
      const distinct = all.filter(
        (position, index) => all.findIndex((one) => isDeepStrictEqual(one, position)) === index,
      )
      this.#starts.set(source, distinct)
      // A partition without any goes on at the beginning, and all the others with it.
      if (isAll || base !== undefined) positions.set(source, earliestOf(stream, distinct))
    }
    return positions
  }

  /** They are what `positions` says, already. */
  override async partitionPositions(): Promise<readonly PartitionPosition[]> {
    return []
  }

  override async values(prefix: string): Promise<ReadonlyMap<string, Json>> {
    if (prefix !== SENDING) return await super.values(prefix)
    const { streams, maxWindowRecords = MAX_WINDOW_RECORDS } = this.#owned
    const ends = [PARTITIONS * maxWindowRecords]
    const positions = await this.positions()
    const sends = [...streams.keys()].map(
      (source) => [source, { isWhole: !positions.has(source), ends }] as const,
    )
    return new Map([[SENDING, Object.fromEntries(sends)]])
  }

  override expireDeadLetters(_: Writer, nowMs: number): Promise<number> {
    return super.expireDeadLetters(this.writer, nowMs)
  }

  override async commit(group: CommitGroup): Promise<void> {
    const { streams } = this.#owned
    const positions = (group.positions ?? [])
      .filter(({ source }) => streams.has(source))
      .flatMap(({ source, position }) =>
        [...this.partitions].map((partition) => ({ source, partition, position })),
      )
    await super.commit({ ...group, positions })
  }
}

/** @throws {SyncError} `CONFIG_STREAM_ALONE` for a source that only one process can follow */
export function earliestOf(
  stream: StreamSource | undefined,
  positions: readonly SourcePosition[],
): SourcePosition {
  const [first, ...others] = positions
  if (first !== undefined && others.every((other) => isDeepStrictEqual(first, other))) return first
  if (stream?.earliest !== undefined) return stream.earliest(positions)
  throw followedAlone(stream?.name ?? 'a source')
}

/** The error of a source that several workers cannot follow. */
export function followedAlone(name: string): SyncError {
  return new SyncError('CONFIG_STREAM_ALONE', `${name} cannot be followed by several workers`, {
    hint: 'Give webhooks a log that all of them reach, `serve: { log: postgres }`, or let one process work.',
  })
}
