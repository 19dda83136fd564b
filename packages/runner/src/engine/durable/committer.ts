import { DeltaWriter, release } from '@engage-sync/core'
import type {
  CommitGroup,
  DeadLetter,
  Lease,
  Mark,
  OpenPartition,
  StateStore,
} from '@engage-sync/core'
import { killPoint } from '../../process/kill-points.ts'
import type { StoredValue } from '../../state/values/named-value.ts'

/** How long an outcome may wait for others to share its commit, milliseconds. */
const OUTCOME_DELAY_MS = 25
/**
 * A mark, whose request waits for it, waits as long as so many commits take, so that a slow disk
 * makes fewer; milliseconds.
 */
const MARK_DELAY = { commits: 10, least: 4, most: 40 }
/** How much of the last commit's time goes into what commits are taken to cost. */
const COST_WEIGHT = 0.25

/** What a commit may hold beside what is gathered one by one. */
export type CommitExtra = Pick<CommitGroup, 'positions' | 'run'>

type Waiter = { readonly resolve: () => void; readonly reject: (error: unknown) => void }

/**
 * Gathers what must become durable and commits it in groups, one commit at a time.
 *
 * A mark is durable when `mark` resolves; everything else when `flush` does. The first failed
 * commit fails this and all later calls: the run must stop, since memory and log no longer agree.
 */
export class Committer {
  readonly #store: StateStore
  readonly #lease: () => Lease
  #writers = new Map<number, { readonly writer: DeltaWriter; readonly open: OpenPartition }>()
  #openMarks: Mark[] = []
  #closeMarks: string[] = []
  #deadLetters: DeadLetter[] = []
  #removeDeadLetters: number[] = []
  #values = new Map<string, StoredValue>()
  #carried: () => readonly StoredValue[] = () => []
  #waiters: Waiter[] = []
  #timer: NodeJS.Timeout | null = null
  #dueAt = Infinity
  #running: Promise<void> | null = null
  #failure: unknown = null
  /** What a commit took lately, milliseconds. */
  #commitMs = 0
  /** Wall time spent in commits, milliseconds, and their number. */
  readonly spent = { ms: 0, commits: 0 }

  readonly #isLazy: boolean
  readonly #onCommitted: (group: CommitGroup) => void
  /** What travels with the next commit alone. */
  #extra: CommitExtra = {}

  /**
   * @param how - `isLazy`: outcomes wait for a mark, a flush or the end, however long that takes;
   * `onCommitted`: told of each commit, whose bytes are given back after that
   */
  constructor(
    store: StateStore,
    lease: () => Lease,
    how: {
      readonly isLazy?: boolean | undefined
      readonly onCommitted?: ((group: CommitGroup) => void) | undefined
    } = {},
  ) {
    this.#store = store
    this.#lease = lease
    this.#isLazy = how.isLazy ?? false
    this.#onCommitted = how.onCommitted ?? (() => undefined)
  }

  /** Where changes of a partition's rows are written; they travel with the next commit. */
  deltaOf(open: OpenPartition): DeltaWriter {
    let held = this.#writers.get(open.rows.number)
    if (held === undefined) {
      held = { writer: new DeltaWriter(open.rows), open }
      this.#writers.set(open.rows.number, held)
    }
    return held.writer
  }

  /** Makes a request's intent durable. */
  mark(mark: Mark): Promise<void> {
    this.#openMarks.push(mark)
    return this.#join(
      Math.min(MARK_DELAY.most, Math.max(MARK_DELAY.least, this.#commitMs * MARK_DELAY.commits)),
    )
  }

  /** Notes that a request's outcome is known; durable with the rows it changed. */
  closeMark(id: string): void {
    const unwritten = this.#openMarks.findIndex((mark) => mark.id === id)
    if (unwritten >= 0) this.#openMarks.splice(unwritten, 1)
    else this.#closeMarks.push(id)
  }

  addDeadLetter(letter: DeadLetter): void {
    this.#deadLetters.push(letter)
  }

  removeDeadLetter(id: number): void {
    this.#removeDeadLetters.push(id)
  }

  setValue(value: StoredValue): void {
    this.#values.set(value.key, value)
  }

  /** Has values travel with the rows of each commit: asked for when it is made. */
  carry(values: () => readonly StoredValue[]): void {
    this.#carried = values
  }

  /** Nothing comes for now that marks could share a commit with: those that wait become durable. */
  hurry(): void {
    if (this.#waiters.length > 0) this.#schedule(0)
  }

  /** Lets what was gathered become durable soon; a lazy one waits for more. */
  soon(): void {
    if (!this.#isLazy) this.#schedule(OUTCOME_DELAY_MS)
  }

  /**
   * A part of the work is done: everything gathered is durable when this resolves; a lazy one only
   * says whether it may go on.
   */
  checkpoint(): Promise<void> {
    if (!this.#isLazy) return this.flush()
    return this.#failure === null ? Promise.resolve() : Promise.reject(this.#failure as Error)
  }

  /** Makes everything gathered durable in one commit with something else. */
  flushWith(extra: CommitExtra): Promise<void> {
    this.#extra = extra
    return this.flush()
  }

  /** Everything gathered so far is durable when this resolves. */
  flush(): Promise<void> {
    return this.#join(0)
  }

  #join(delayMs: number): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure as Error)
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.#schedule(delayMs)
    })
  }

  #schedule(delayMs: number): void {
    if (this.#failure !== null || this.#running !== null) return
    const dueAt = performance.now() + delayMs
    if (this.#timer !== null && this.#dueAt <= dueAt) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#dueAt = dueAt
    this.#timer = setTimeout(() => this.#start(), delayMs)
  }

  #start(): void {
    this.#timer = null
    this.#dueAt = Infinity
    this.#running = this.#commit().finally(() => {
      this.#running = null
      if (this.#waiters.length > 0) this.#schedule(0)
      else if (this.#hasWork && !this.#isLazy) this.#schedule(OUTCOME_DELAY_MS)
    })
  }

  get #hasWork(): boolean {
    return (
      this.#writers.size +
        this.#openMarks.length +
        this.#closeMarks.length +
        this.#deadLetters.length +
        this.#values.size +
        this.#removeDeadLetters.length +
        Object.keys(this.#extra).length >
      0
    )
  }

  async #commit(): Promise<void> {
    const waiters = this.#waiters
    const group = this.#takeGroup()
    const startedAt = performance.now()
    try {
      if (group !== null) {
        killPoint('before-commit')
        await this.#store.commit(group)
        this.#onCommitted(group)
        for (const { bytes } of group.deltas ?? []) release(bytes)
        killPoint('after-commit')
      }
      for (const waiter of waiters) waiter.resolve()
    } catch (error) {
      this.#failure = error
      for (const waiter of [...waiters, ...this.#waiters]) waiter.reject(error)
      this.#waiters = []
    }
    const ms = performance.now() - startedAt
    this.#commitMs += (ms - this.#commitMs) * COST_WEIGHT
    this.spent.ms += ms
    this.spent.commits++
  }

  #takeGroup(): CommitGroup | null {
    const hasWork = this.#hasWork
    this.#waiters = []
    if (!hasWork) return null
    for (const value of this.#carried()) this.setValue(value)
    const deltas = [...this.#writers.values()]
      .filter(({ writer }) => !writer.isEmpty)
      .map(({ writer, open }) => ({ partition: open.rows.number, bytes: writer.take() }))
    const group: CommitGroup = {
      epoch: this.#lease().epoch,
      deltas,
      openMarks: this.#openMarks,
      closeMarks: this.#closeMarks,
      deadLetters: this.#deadLetters,
      removeDeadLetters: this.#removeDeadLetters,
      values: [...this.#values.values()],
      ...this.#extra,
    }
    this.#extra = {}
    this.#writers = new Map()
    this.#openMarks = []
    this.#closeMarks = []
    this.#deadLetters = []
    this.#removeDeadLetters = []
    this.#values = new Map()
    return group
  }

  /** The error of the first failed commit, or null. */
  get failure(): unknown {
    return this.#failure
  }
}
