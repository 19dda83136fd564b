import type { StateStore } from '@engage-sync/core'
import { handedOver, handoverId, readHandovers } from '../../../state/values/handovers.ts'
import type { StoredValue } from '../../../state/values/named-value.ts'
import type { HandedAlias, OpenHandover } from '../../aliases/index.ts'

/** How often it is looked whether somebody handed something over, milliseconds. */
const LOOK_MS = 250

/** Whose aliases a session joins, and with whom. */
export interface HandoverParts {
  readonly store: StateStore
  /** Whether aliases are joined at all. */
  readonly joinsAliases: boolean
  /** Partitions of this worker; undefined where one process has them all. */
  readonly partitions: ReadonlySet<number> | undefined
}

/** Rows of aliases on their way between workers: those that came here, and those that leave. */
export class Handovers {
  readonly #parts: HandoverParts
  #present: readonly OpenHandover[] = []
  /** Ids of those that were looked at; null before the first look. */
  #seen: ReadonlySet<string> | null = null
  #count = 0

  constructor(parts: HandoverParts) {
    this.#parts = parts
  }

  /** What the next window takes. */
  get present(): readonly OpenHandover[] {
    return this.#present
  }

  /** After how long it is to be looked again, milliseconds. */
  get idleMs(): number {
    return this.#parts.joinsAliases && this.#parts.partitions !== undefined ? LOOK_MS : Infinity
  }

  /**
   * Looks what came. What was there before, or at the first look, may have been tried: a window
   * that took it did not end, or not all of it.
   */
  async look(): Promise<void> {
    const { store, joinsAliases, partitions } = this.#parts
    const isSettled = this.#seen !== null && this.#present.length === 0
    if (!joinsAliases || (partitions === undefined && isSettled)) return
    const seen = this.#seen
    const own = (await readHandovers(store)).filter(
      ({ handover: { to } }) => partitions?.has(to) !== false,
    )
    this.#present = own.map((stored) => ({
      ...stored,
      isInDoubt: seen === null || seen.has(stored.id),
    }))
    this.#seen = new Set(own.map(({ id }) => id))
  }

  /** What is committed of aliases that leave. @param run - that hands them over */
  leaving(handed: readonly HandedAlias[], run: number): readonly StoredValue[] {
    return handed.map(({ handover }) => {
      const id = handoverId(handover, { run, number: ++this.#count })
      return handedOver({ id, handover })
    })
  }
}
