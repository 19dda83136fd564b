import type {
  CommitGroup,
  DeadLetter,
  DeadLetterPage,
  Json,
  Mark,
  Membership,
  PartitionImage,
  StateStore,
  Writer,
} from '@engage-sync/core'
import { WAITING } from '../deferred/index.ts'
import { atHome, readBeside } from '../../state/values/home-values.ts'
import { SplitMarks } from './split-marks.ts'
import { StoreView } from './store-view.ts'

/** Whose partitions are worked on. */
export interface Ownership {
  readonly member: () => Membership
  /** One at least. */
  readonly partitions: ReadonlySet<number>
}

/** Of a partition that is another's, nothing is there. */
const NOTHING: PartitionImage = { snapshot: null, deltas: [] }
const DUE = 'due:'

/**
 * A state as one of several who work on it sees it: its own partitions, with their marks, waiting
 * letters and due times, and nothing of anybody else's.
 *
 * What it commits is the worker's: a mark becomes one of each partition its users are of, and what
 * is counted is kept with one partition, its home.
 */
export class OwnPartitions extends StoreView {
  protected readonly partitions: ReadonlySet<number>
  readonly #member: Ownership['member']
  readonly #home: number
  readonly #marks = new SplitMarks()
  /** Letters that wait, from behind one to another: all of them are others'. */
  #others = { from: 0, to: 0 }

  constructor(store: StateStore, { member, partitions }: Ownership) {
    super(store)
    this.partitions = partitions
    this.#member = member
    this.#home = Math.min(...partitions)
  }

  override async loadPartition(partition: number): Promise<PartitionImage> {
    return this.partitions.has(partition) ? await super.loadPartition(partition) : NOTHING
  }

  override async sizes(): ReturnType<StateStore['sizes']> {
    return (await super.sizes()).filter(({ partition }) => this.partitions.has(partition))
  }

  override async openMarks(): Promise<readonly Mark[]> {
    const stored = await super.openMarks()
    return this.#marks.join(stored.filter(({ partition = -1 }) => this.partitions.has(partition)))
  }

  override async values(prefix: string): Promise<ReadonlyMap<string, Json>> {
    if (!prefix.startsWith(DUE) && prefix !== 'due')
      return await readBeside(this.store, this.#home, prefix)
    const shared = await super.values(prefix)
    return new Map(
      [...shared].filter(([key]) => this.partitions.has(Number(key.slice(DUE.length)))),
    )
  }

  /**
   * Those who wait are of its own partitions; of all others it is told, so that it can forget users
   * in them. What others wrote since its own last one is read once.
   */
  override async deadLetters(asked: DeadLetterPage): Promise<readonly DeadLetter[]> {
    if (asked.code !== WAITING) return await super.deadLetters(asked)
    const { from, to } = this.#others
    const page = { ...asked, ...(asked.after === from && { after: to }) }
    const isNewest = page.before === undefined && page.ids === undefined
    const own: DeadLetter[] = []
    let newest = 0
    for (let { before } = page; own.length < page.limit;) {
      const letters = await super.deadLetters({ ...page, ...(before !== undefined && { before }) })
      own.push(...letters.filter(({ subject }) => this.#owns(subject?.partition)))
      newest = Math.max(newest, letters[0]?.id ?? 0)
      before = letters.at(-1)?.id
      if (letters.length < page.limit) break
    }
    if (isNewest && newest > 0) this.#others = { from: own[0]?.id ?? asked.after ?? 0, to: newest }
    return own.slice(0, page.limit)
  }

  override async commit(group: CommitGroup): Promise<void> {
    const { mappings: _mappings, removeMappings: _removed, ...rest } = group
    await super.commit({
      ...rest,
      ...this.writer,
      openMarks: (group.openMarks ?? []).flatMap((mark) => this.#marks.split(mark)),
      closeMarks: (group.closeMarks ?? []).flatMap((id) => this.#marks.close(id)),
      values: atHome(this.#home, group.values ?? []),
    })
  }

  /** One alone does that, under the lease. */
  override async purge(): Promise<boolean> {
    return false
  }

  protected get writer(): Required<Writer> {
    const { worker, epoch } = this.#member()
    return { worker, epoch }
  }

  #owns(partition: number | undefined): boolean {
    return partition !== undefined && this.partitions.has(partition)
  }
}
