import { isDeepStrictEqual } from 'node:util'
import type {
  CommitGroup,
  DeadLetter,
  DeadLetterPage,
  Json,
  Mark,
  Membership,
  PartitionImage,
  PartitionPosition,
  SourcePosition,
  StateStore,
  StreamSource,
  Writer,
} from '@engage-sync/core'
import { PARTITIONS, SyncError } from '@engage-sync/core'
import { WAITING } from '../deferred/index.ts'
import { MAX_WINDOW_RECORDS } from '../stream/index.ts'
import { atHome, readBeside } from '../../state/values/home-values.ts'
import { SplitMarks } from './split-marks.ts'
import { StoreView } from './store-view.ts'

/** What of a state is a worker's. */
export interface Owned {
  readonly member: () => Membership
  /** One at least. */
  readonly partitions: ReadonlySet<number>
  /** What is followed, by the name the syncs use. */
  readonly streams: ReadonlyMap<string, StreamSource>
  /** Records of a window at most. */
  readonly maxWindowRecords?: number | undefined
}

/** Of a partition that is another's, nothing is there. */
const NOTHING: PartitionImage = { snapshot: null, deltas: [] }
const DUE = 'due:'
const SENDING = 'sending'

/**
 * A state as one of several workers sees it: its own partitions, with their marks, waiting letters,
 * due times and positions, and nothing of anybody else's.
 *
 * What it commits is the worker's: a position becomes one of each of its partitions, a mark one of
 * each partition its users are of, and what is counted is kept with one partition, its home. What
 * may have been sent of the next records is not written down: it is a window's worth, always.
 */
export class OwnedState extends StoreView {
  readonly #owned: Owned
  readonly #home: number
  readonly #marks = new SplitMarks()
  /** By source: where the partitions stood at first. */
  #starts = new Map<string, readonly SourcePosition[]>()

  constructor(store: StateStore, owned: Owned) {
    super(store)
    this.#owned = owned
    this.#home = Math.min(...owned.partitions)
  }

  /** Whether all that former owners may have read of a source stands before a position. */
  readonly isPast = (source: string, position: SourcePosition): boolean => {
    const stream = this.#owned.streams.get(source)
    return (this.#starts.get(source) ?? []).every((start) =>
      isDeepStrictEqual(earliestOf(stream, [start, position]), start),
    )
  }

  override async loadPartition(partition: number): Promise<PartitionImage> {
    return this.#owned.partitions.has(partition) ? await super.loadPartition(partition) : NOTHING
  }

  override async sizes(): ReturnType<StateStore['sizes']> {
    return (await super.sizes()).filter(({ partition }) => this.#owned.partitions.has(partition))
  }

  override async openMarks(): Promise<readonly Mark[]> {
    const stored = await super.openMarks()
    return this.#marks.join(
      stored.filter(({ partition = -1 }) => this.#owned.partitions.has(partition)),
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
    const { partitions, streams, maxWindowRecords = MAX_WINDOW_RECORDS } = this.#owned
    if (prefix === SENDING) {
      const ends = [PARTITIONS * maxWindowRecords]
      const positions = await this.positions()
      const sends = [...streams.keys()].map(
        (source) => [source, { isWhole: !positions.has(source), ends }] as const,
      )
      return new Map([[SENDING, Object.fromEntries(sends)]])
    }
    if (!prefix.startsWith(DUE) && prefix !== 'due')
      return await readBeside(this.store, this.#home, prefix)
    const shared = await super.values(prefix)
    return new Map([...shared].filter(([key]) => partitions.has(Number(key.slice(DUE.length)))))
  }

  /** Those who wait are of its own partitions; of all others it is told, so that it can forget users in them. */
  override async deadLetters(page: DeadLetterPage): Promise<readonly DeadLetter[]> {
    if (page.code !== WAITING) return await super.deadLetters(page)
    const own: DeadLetter[] = []
    for (let { before } = page; own.length < page.limit;) {
      const letters = await super.deadLetters({ ...page, ...(before !== undefined && { before }) })
      own.push(...letters.filter(({ subject }) => this.#owns(subject?.partition)))
      before = letters.at(-1)?.id
      if (letters.length < page.limit) break
    }
    return own.slice(0, page.limit)
  }

  override expireDeadLetters(_: Writer, nowMs: number): Promise<number> {
    return super.expireDeadLetters(this.#writer, nowMs)
  }

  override async commit(group: CommitGroup): Promise<void> {
    const { mappings: _mappings, removeMappings: _removed, ...rest } = group
    await super.commit({
      ...rest,
      ...this.#writer,
      openMarks: (group.openMarks ?? []).flatMap((mark) => this.#marks.split(mark)),
      closeMarks: (group.closeMarks ?? []).flatMap((id) => this.#marks.close(id)),
      positions: (group.positions ?? []).flatMap(({ source, position }) =>
        [...this.#owned.partitions].map((partition) => ({ source, partition, position })),
      ),
      values: atHome(this.#home, group.values ?? []),
    })
  }

  /** One alone does that, under the lease. */
  override async purge(): Promise<boolean> {
    return false
  }

  get #writer(): Required<Writer> {
    const { worker, epoch } = this.#owned.member()
    return { worker, epoch }
  }

  #owns(partition: number | undefined): boolean {
    return partition !== undefined && this.#owned.partitions.has(partition)
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
