import type { StateStore } from '@engage-sync/core'
import type { OpenRun } from '../../open.ts'
import type { RunCounters } from '../../run-counters.ts'

/** How long it is read at a time, milliseconds. */
const MOST_MS = 20

/**
 * Members of each membership, as far as they were delivered: those at the session's beginning, and
 * what was delivered since.
 */
export class Members {
  readonly #open: OpenRun
  readonly #store: StateStore
  /** Delivered by former shifts, by mapping or segment id. */
  readonly #before = new Map<string, number>()
  #counters: RunCounters

  constructor(open: OpenRun, store: StateStore, counters: RunCounters) {
    this.#open = open
    this.#store = store
    this.#counters = counters
  }

  /** Another shift begins, with counters of its own. */
  nextShift(counters: RunCounters): void {
    for (const id of this.#ids) this.#before.set(id, this.#changeOf(id))
    this.#counters = counters
  }

  /** Now, by mapping or segment id. Partitions nobody opened yet are read for it, once. */
  async now(): Promise<ReadonlyMap<string, number>> {
    const start = await this.#open.members.all(this.#store)
    return this.#since(start)
  }

  /** The same, without reading anything; null while some partition was neither opened nor read. */
  get known(): ReadonlyMap<string, number> | null {
    const { members } = this.#open
    return members.isWhole ? this.#since(members.known) : null
  }

  /** Reads some of the partitions that nobody opened yet, while there is nothing else to do. */
  async readSome(): Promise<void> {
    const { members } = this.#open
    const endsAt = performance.now() + MOST_MS
    while (!members.isWhole && performance.now() < endsAt) await members.readNext(this.#store)
  }

  #since(start: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    return new Map([...start].map(([id, count]) => [id, count + this.#changeOf(id)]))
  }

  get #ids(): readonly string[] {
    const { outputs } = this.#open.mappings.program
    return outputs.flatMap((output) =>
      output?.isMembership === true && output.isPrimary ? [output.id] : [],
    )
  }

  #changeOf(id: string): number {
    const sent = this.#counters.sentOf(id)
    const change = sent === null ? 0 : sent.additions - sent.removals
    return (this.#before.get(id) ?? 0) + change
  }
}
