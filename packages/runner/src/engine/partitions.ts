import { readPartition } from '@engage-sync/core'
import type { OpenPartition, OpenRows, StateStore } from '@engage-sync/core'

/** What a run does to a partition when it opens it, before anything is folded into it. */
export type Preparation = (open: OpenPartition) => void

/** Opens partitions on first touch, and prepares them for this run. */
export class Partitions {
  readonly rows: OpenRows
  readonly #store: StateStore
  readonly #preparations: readonly Preparation[]

  constructor(store: StateStore, rows: OpenRows, preparations: readonly Preparation[]) {
    this.#store = store
    this.rows = rows
    this.#preparations = preparations
  }

  /** The open partition, loaded and prepared when it is not there yet. */
  async open(number: number): Promise<OpenPartition> {
    const known = this.rows.partitions[number]
    if (known !== undefined) return known
    const open = await loadPartition(this.#store, this.rows, number)
    for (const prepare of this.#preparations) prepare(open)
    return open
  }
}

/** Loads a partition as the state has it, and takes it in. */
export async function loadPartition(store: StateStore, rows: OpenRows, number: number): Promise<OpenPartition> {
  return rows.open(readPartition(number, rows.layout, await store.loadPartition(number)))
}
