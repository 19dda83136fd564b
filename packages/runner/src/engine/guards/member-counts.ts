import { MEMBER, PARTITIONS, readPartition } from '@engage-sync/core'
import type { Layout, Output, Partition, RunProgram, StateStore } from '@engage-sync/core'

/**
 * Members at run start, by mapping or segment id. Partitions are counted as they are opened, before anything is done to
 * them; only those that were not are read for it.
 */
export class MemberCounts {
  readonly #outputs: readonly Output[]
  readonly #layout: Layout
  /** By partition: members of each output. */
  readonly #counted = new Map<number, readonly number[]>()

  constructor({ outputs, fold }: RunProgram, bornNow: ReadonlySet<string>) {
    this.#outputs = outputs.filter((output) => output?.isMembership === true && output.isPrimary && !bornNow.has(output.id)) as Output[]
    this.#layout = fold.layout
  }

  /** Counts a whole partition as the state has it; only the first time, since later passes find it changed. */
  note(partition: Partition): void {
    if (partition.stored !== null || this.#counted.has(partition.number)) return
    this.#counted.set(
      partition.number,
      this.#outputs.map(({ column }) => membersIn(partition, column)),
    )
  }

  /** Of all partitions. */
  async all(store: StateStore): Promise<ReadonlyMap<string, number>> {
    const members = new Map<string, number>()
    for (let number = 0; number < PARTITIONS; number++) {
      if (!this.#counted.has(number)) this.note(readPartition(number, this.#layout, await store.loadPartition(number)))
      const counted = this.#counted.get(number)!
      for (const [index, { id }] of this.#outputs.entries()) members.set(id, (members.get(id) ?? 0) + counted[index])
    }
    return members
  }
}

function membersIn({ rows, slots }: Partition, column: number): number {
  let count = 0
  for (let row = 0; row < rows; row++) if (slots.holds(row, column, MEMBER)) count++
  return count
}

/** Users the state holds. */
export async function countUsers(store: StateStore, layout: Layout): Promise<number> {
  let users = 0
  for (let number = 0; number < PARTITIONS; number++) {
    const { rows, flags } = readPartition(number, layout, await store.loadPartition(number))
    for (let row = 0; row < rows; row++) if (!flags.isForgotten(row)) users++
  }
  return users
}
