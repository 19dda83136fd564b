import { ALIAS, isAliasText, pickRows, readPartition, userHash, userKey } from '@engage-sync/core'
import type { AliasOwners, OpenPartition, OpenRows, Partition, StateStore } from '@engage-sync/core'
import { covers } from './pass-shard.ts'
import type { PassShard } from './pass-shard.ts'

/** What a run does to a partition when it opens it, before anything is folded into it. */
export type RowMigration = (open: OpenPartition) => void

/** One pass of several over runs that join aliases. */
export interface PassScope {
  readonly group: PassShard
  readonly owners: AliasOwners
}

/**
 * Opens partitions on first touch, and prepares them for this run.
 *
 * Where aliases are joined in several passes, a pass works on its group's partitions without the aliases that belong
 * to users of others; and of other partitions, on the aliases that belong to its users, alone.
 */
export class Partitions {
  readonly rows: OpenRows
  /** Null: every row belongs to its own partition's pass. */
  scope: PassScope | null = null
  /** By partition: rows that another pass works on. */
  readonly #left = new Map<number, ReadonlySet<number>>()
  readonly #store: StateStore
  readonly #preparations: readonly RowMigration[]

  constructor(store: StateStore, rows: OpenRows, preparations: readonly RowMigration[]) {
    this.#store = store
    this.rows = rows
    this.#preparations = preparations
  }

  /** The open partition, loaded and prepared when it is not there yet. */
  async open(number: number): Promise<OpenPartition> {
    const known = this.rows.partitions[number]
    if (known !== undefined) return known
    const loaded = readPartition(number, this.rows.layout, await this.#store.loadPartition(number))
    const { scope } = this
    const isGuest = scope !== null && !covers(number, scope.group)
    const open = this.rows.open(isGuest ? pickRows(loaded, aliasesHere(loaded, scope)) : loaded)
    for (const prepare of this.#preparations) prepare(open)
    if (scope !== null && !isGuest) this.#left.set(number, leaveToOthers(open, scope))
    return open
  }

  /** The rows of an open partition that another pass works on. */
  leftRows(number: number): ReadonlySet<number> {
    return this.#left.get(number) ?? NOTHING
  }

  /** Whether a user's row is worked on with a group, by the text of the identifier. */
  isHere(partition: number, user: string, group: PassShard): boolean {
    if (this.scope === null || !isAliasText(user)) return covers(partition, group)
    const { low, high } = userHash(userKey(ALIAS, user))
    const owner = this.scope.owners.find(low, high)
    return covers(owner < 0 ? partition : owner, group)
  }
}

const NOTHING: ReadonlySet<number> = new Set()

function aliasesHere(rows: Partition, { group, owners }: PassScope): readonly number[] {
  return ownedAliases(rows, owners, (owner) => covers(owner, group))
}

/** Nothing is done here of aliases that belong to users of other groups, whatever preparing has made pending in them. Returns their rows. */
function leaveToOthers(open: OpenPartition, { group, owners }: PassScope): ReadonlySet<number> {
  const { rows, pending } = open
  const left = ownedAliases(rows, owners, (owner) => !covers(owner, group))
  for (const row of left) {
    for (let entry = pending.first(row); entry >= 0; entry = pending.after(entry)) open.defer(row, entry)
    pending.forgetRow(row)
  }
  return new Set(left)
}

function ownedAliases(rows: Partition, owners: AliasOwners, isWanted: (owner: number) => boolean): readonly number[] {
  const found: number[] = []
  for (let row = 0; row < rows.rows; row++) {
    if (rows.kindOf(row) !== ALIAS) continue
    const { low, high } = userHash(rows.keyOf(row))
    const owner = owners.find(low, high)
    if (owner >= 0 && isWanted(owner)) found.push(row)
  }
  return found
}

/** Loads a partition as the state has it, and takes it in. */
export async function loadPartition(store: StateStore, rows: OpenRows, number: number): Promise<OpenPartition> {
  return rows.open(readPartition(number, rows.layout, await store.loadPartition(number)))
}
