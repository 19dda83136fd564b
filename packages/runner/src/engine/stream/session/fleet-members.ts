import { MEMBER, PARTITIONS, readPartition } from '@engage-sync/core'
import type { PendingOutput, RowPlace, StateStore } from '@engage-sync/core'
import type { StoredValue } from '../../../state/values/named-value.ts'
import { partitionMembers } from '../../../state/values/partition-members.ts'
import { memberCounts } from '../../guards/index.ts'
import type { RowCounts } from '../../guards/index.ts'
import type { OpenRun } from '../../open.ts'
import { RollingBudget } from '../guarding/index.ts'
import type { SharedState } from '../terms/index.ts'

const HOUR_MS = 3_600_000
/** How often others are told, milliseconds. */
const TOLD_MS = 60_000

type Counts = ReadonlyMap<string, number>

/** What delivered changes came to, of one membership in one partition. */
interface Moved {
  total: number
  /** Within an hour that ends now, but for what was allowed to change. */
  readonly lately: RollingBudget
}

/** Whose members are counted, and where. */
interface FleetMembersInputs {
  readonly open: OpenRun
  /** With its own partitions alone. */
  readonly store: StateStore
  readonly shared: SharedState
  /** Partitions of its own. */
  readonly own: ReadonlySet<number>
  /** Whether changes of a membership count towards nothing now, by `additions=<id>` and the like. */
  readonly isAllowed: (guard: string) => boolean
  readonly now: () => number
}

/**
 * Members an hour ago of all workers' partitions: a guard allows a share of them.
 *
 * Each worker counts those of its own, by what was delivered since it has them, and tells the others
 * with its commits. Of a partition that has just changed hands it is the smaller of what the former
 * owner told and what is there; of one of which nobody told, what is there.
 */
export class FleetMembers {
  readonly #inputs: FleetMembersInputs
  readonly #sinceMs: number
  /** By partition and membership. */
  readonly #moved = new Map<number, Map<string, Moved>>()
  /** Of partitions of others that nobody told of, as they were when they were read. */
  readonly #foreign: RowCounts
  /** What former owners told of its own. */
  readonly #former: ReadonlyMap<number, Counts>
  /** What others know of its own. */
  readonly #told: Map<number, Counts>
  #toldMs = -Infinity

  private constructor(inputs: FleetMembersInputs, told: ReadonlyMap<number, Counts>) {
    this.#inputs = inputs
    this.#sinceMs = inputs.now()
    this.#former = told
    this.#told = new Map(told)
    this.#foreign = memberCounts(inputs.open.mappings)
  }

  static async open(inputs: FleetMembersInputs): Promise<FleetMembers> {
    return new FleetMembers(inputs, await partitionMembers.readAll(inputs.shared.whole))
  }

  /** A part of a row of its own is about to be taken as delivered. */
  readonly delivered = ({ open, row }: RowPlace, { output, entry }: PendingOutput): void => {
    if (!output.isMembership || !output.isPrimary) return
    const was = open.pending.heldBefore(entry, MEMBER)
    const is = open.rows.slots.holds(row, output.column, MEMBER)
    if (was === is) return
    const moved = this.#movedOf(open.rows.number, output.id)
    const change = is ? 1 : -1
    moved.total += change
    if (this.#inputs.isAllowed(`${is ? 'additions' : 'removals'}=${output.id}`)) return
    moved.lately.use(change, this.#inputs.now())
  }

  /** By mapping or segment id; reads partitions of which nobody told. */
  async anHourAgo(): Promise<Counts> {
    const { open, own, shared, store } = this.#inputs
    // Read, and not opened: nothing more may become pending once a window is planned.
    await open.members.all(store)
    const told = await partitionMembers.readAll(shared.whole)
    const sums = new Map<string, number>()
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const counts = own.has(partition)
        ? this.#ownAnHourAgo(partition)
        : await this.#foreignAnHourAgo(partition, told.get(partition))
      for (const [id, count] of counts) sums.set(id, (sums.get(id) ?? 0) + count)
    }
    return sums
  }

  /** What others are to be told of its own partitions, now and then. */
  takeStored(): readonly StoredValue[] {
    const nowMs = this.#inputs.now()
    if (Math.abs(nowMs - this.#toldMs) < TOLD_MS) return []
    this.#toldMs = nowMs
    const values: StoredValue[] = []
    for (const partition of this.#inputs.own) {
      if (this.#inputs.open.members.of(partition) === null) continue
      const counts = this.#ownAnHourAgo(partition)
      if (isSame(counts, this.#told.get(partition))) continue
      values.push(partitionMembers.stored(partition, counts))
      this.#told.set(partition, counts)
    }
    return values
  }

  #ownAnHourAgo(partition: number): Counts {
    const nowMs = this.#inputs.now()
    const start = this.#inputs.open.members.of(partition) ?? new Map<string, number>()
    const isNew = Math.abs(nowMs - this.#sinceMs) < HOUR_MS
    const former = isNew ? this.#former.get(partition) : undefined
    return new Map(
      this.#ids.map((id) => {
        const moved = this.#moved.get(partition)?.get(id)
        const since = moved === undefined ? 0 : moved.total - moved.lately.usedBy(nowMs)
        const count = Math.max(0, (start.get(id) ?? 0) + since)
        return [id, Math.min(count, former?.get(id) ?? count)]
      }),
    )
  }

  async #foreignAnHourAgo(partition: number, told: Counts | undefined): Promise<Counts> {
    if (told !== undefined && this.#ids.every((id) => told.has(id))) return told
    const { open, shared } = this.#inputs
    if (this.#foreign.of(partition) === null) {
      const image = await shared.whole.loadPartition(partition)
      this.#foreign.note(readPartition(partition, open.mappings.layout, image))
    }
    return this.#foreign.of(partition) ?? new Map<string, number>()
  }

  #movedOf(partition: number, id: string): Moved {
    const ofPartition = this.#moved.get(partition) ?? new Map<string, Moved>()
    this.#moved.set(partition, ofPartition)
    const moved = ofPartition.get(id) ?? { total: 0, lately: new RollingBudget(HOUR_MS) }
    ofPartition.set(id, moved)
    return moved
  }

  get #ids(): readonly string[] {
    const { program, bornNow } = this.#inputs.open.mappings
    return program.outputs.flatMap((output) =>
      output?.isMembership === true && output.isPrimary && !bornNow.has(output.id)
        ? [output.id]
        : [],
    )
  }
}

function isSame(one: Counts, other: Counts | undefined): boolean {
  return (
    other !== undefined &&
    one.size === other.size &&
    [...one].every(([id, count]) => other.get(id) === count)
  )
}
