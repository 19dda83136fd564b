import { MEMBER, NO_VALUE, PARTITIONS, readPartition, zip } from '@engage-sync/core'
import type { Layout, Partition, StateStore } from '@engage-sync/core'
import type { LeftBehind, ResolvedMappings } from '../mappings/index.ts'

/** Which users are counted under a name. */
export interface Counted {
  readonly name: string
  readonly column: number
  /** Whether a row is one of them, by what it holds in the column. */
  readonly isOne: (partition: Partition, row: number, column: number) => boolean
}

/**
 * Users at run start, by name. Partitions are counted as they are opened, before anything is done
 * to them; only those that were not are read for it.
 */
export class RowCounts {
  readonly #wanted: readonly Counted[]
  readonly #layout: Layout
  /** By partition: users of each. */
  readonly #counted = new Map<number, readonly number[]>()

  constructor(layout: Layout, wanted: readonly Counted[]) {
    this.#wanted = wanted
    this.#layout = layout
  }

  /**
   * Counts a whole partition as the state has it; only the first time, since later passes find it
   * changed.
   */
  note(partition: Partition): void {
    if (partition.stored !== null || this.#counted.has(partition.number)) return
    this.#counted.set(
      partition.number,
      this.#wanted.map((one) => countIn(partition, one)),
    )
  }

  /** Whether every partition was opened, so that nothing need be read for the counts. */
  get isWhole(): boolean {
    return this.#counted.size === PARTITIONS
  }

  /** Of all partitions. */
  async all(store: StateStore): Promise<ReadonlyMap<string, number>> {
    while (this.#wanted.length > 0 && !this.isWhole) await this.readNext(store)
    return this.known
  }

  /** Counts one of the partitions that nobody opened yet, if there is any. */
  async readNext(store: StateStore): Promise<void> {
    const number = Array.from({ length: PARTITIONS }, (_, each) => each).find(
      (each) => !this.#counted.has(each),
    )
    if (number !== undefined)
      this.note(readPartition(number, this.#layout, await store.loadPartition(number)))
  }

  /** Of one partition; null until it was counted. */
  of(partition: number): ReadonlyMap<string, number> | null {
    const counts = this.#counted.get(partition)
    if (counts === undefined) return null
    return new Map(zip(this.#wanted, counts).map(([{ name }, count]) => [name, count]))
  }

  /** Of the partitions that were counted. */
  get known(): ReadonlyMap<string, number> {
    const users = new Map<string, number>()
    for (const counts of this.#counted.values())
      for (const [{ name }, count] of zip(this.#wanted, counts))
        users.set(name, (users.get(name) ?? 0) + count)
    return users
  }
}

function countIn(partition: Partition, { column, isOne }: Counted): number {
  let count = 0
  for (let row = 0; row < partition.rows; row++) if (isOne(partition, row, column)) count++
  return count
}

const isMember: Counted['isOne'] = ({ slots }, row, column) => slots.holds(row, column, MEMBER)

const hasValue: Counted['isOne'] = ({ slots }, row, column) =>
  !slots.isEmpty(row, column) && !slots.holds(row, column, NO_VALUE)

type Members = Pick<ResolvedMappings, 'program' | 'bornNow'>

/** Counts members by mapping or segment id; not of those born with this run. */
export function memberCounts({ program, bornNow }: Members): RowCounts {
  return new RowCounts(program.fold.layout, membersCounted({ program, bornNow }))
}

/** The same, and users who have what nothing fills any more, by `leftName`. */
export function userCounts(mappings: ResolvedMappings): RowCounts {
  const left = mappings.left.map((one) => ({
    name: leftName(one),
    column: one.column,
    isOne: one.kind === 'attribute' && !one.name.endsWith(']') ? hasValue : isMember,
  }))
  return new RowCounts(mappings.layout, [...membersCounted(mappings), ...left])
}

/** What users of something left behind are counted under. */
export function leftName({ column }: Pick<LeftBehind, 'column'>): string {
  return `column ${column}`
}

function membersCounted({ program: { outputs }, bornNow }: Members): readonly Counted[] {
  return outputs.flatMap((output) =>
    output?.isMembership === true && output.isPrimary && !bornNow.has(output.id)
      ? [{ name: output.id, column: output.column, isOne: isMember }]
      : [],
  )
}

/** Users the state holds. */
export async function countUsers(
  store: Pick<StateStore, 'loadPartition'>,
  layout: Layout,
): Promise<number> {
  let users = 0
  for (let number = 0; number < PARTITIONS; number++) {
    const { rows, flags } = readPartition(number, layout, await store.loadPartition(number))
    for (let row = 0; row < rows; row++) if (!flags.isForgotten(row)) users++
  }
  return users
}
