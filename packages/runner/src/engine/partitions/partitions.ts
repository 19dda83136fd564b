import { ALIAS, isAliasText, pickRows, readPartition, userHash, userKey } from '@engage-sync/core'
import type { AliasOwners, OpenPartition, OpenRows, Partition, StateStore } from '@engage-sync/core'
import type { RowShelf } from '../request/index.ts'
import { covers } from './pass-shard.ts'
import type { PassShard } from './pass-shard.ts'

/** What a run does to a partition when it opens it, before anything is folded into it. */
export type RowMigration = (open: OpenPartition) => void

/** One pass of several over runs that join aliases. */
export interface PassScope {
  readonly shard: PassShard
  readonly owners: AliasOwners
}

/**
 * Opens partitions on first touch, and prepares them for this run.
 *
 * Where aliases are joined in several passes, a pass works on its group's partitions without the
 * aliases that belong to users of others; and of other partitions, on the aliases that belong to
 * its users, alone.
 */
export class Partitions {
  readonly rows: OpenRows
  /** Null: every row belongs to its own partition's pass. */
  scope: PassScope | null = null
  /** By partition: rows that another pass works on. */
  readonly #left = new Map<number, ReadonlySet<number>>()
  readonly #store: StateStore
  readonly #migrations: RowMigration[]
  readonly #kept: RowShelf | undefined

  /** @param kept - rows that need not be read. Default: none */
  constructor(
    store: StateStore,
    rows: OpenRows,
    {
      migrations,
      kept,
    }: { readonly migrations: readonly RowMigration[]; readonly kept?: RowShelf | undefined },
  ) {
    this.#store = store
    this.rows = rows
    this.#migrations = [...migrations]
    this.#kept = kept
  }

  /** Has one more thing done to each partition that is opened from now on, after all else. */
  prepare(step: RowMigration): void {
    this.#migrations.push(step)
  }

  /**
   * Keeps the rows of all open partitions for another window, and forgets what is pending in them.
   *
   * @param kept - partitions where something pending is still under way: it stays with whoever has
   *   it
   */
  startWindow(kept: ReadonlySet<number>): void {
    for (const open of this.rows.partitions) {
      if (open === undefined) continue
      if (kept.has(open.rows.number)) this.rows.renew(open.rows.number)
      else open.startWindow()
    }
  }

  /** The open partition, loaded and prepared when it is not there yet. */
  async open(number: number): Promise<OpenPartition> {
    const known = this.rows.partitions[number]
    if (known !== undefined) return known
    const kept = this.#kept?.take(number, this.rows.layout) ?? null
    if (kept !== null) return this.#prepared(this.rows.reopen(kept))
    const loaded = await this.stored(number)
    const { scope } = this
    const isGuest = scope !== null && !covers(number, scope.shard)
    const open = this.rows.open(isGuest ? pickRows(loaded, aliasesHere(loaded, scope)) : loaded)
    this.#prepared(open)
    if (scope !== null && !isGuest) this.#left.set(number, leaveToOthers(open, scope))
    return open
  }

  /** Opens all that need not be read. */
  async openKept(): Promise<void> {
    for (const number of this.#kept?.numbers ?? []) await this.open(number)
  }

  #prepared(open: OpenPartition): OpenPartition {
    for (const migrate of this.#migrations) migrate(open)
    return open
  }

  /** The rows of a partition as the state has them, apart from those that are open. */
  async stored(number: number): Promise<Partition> {
    return readPartition(number, this.rows.layout, await this.#store.loadPartition(number))
  }

  /** Lets every open partition go; what is pending in them is forgotten. */
  close(): void {
    for (const open of this.rows.partitions)
      if (open !== undefined) this.rows.close(open.rows.number)
  }

  /** The rows of an open partition that another pass works on. */
  leftRows(number: number): ReadonlySet<number> {
    return this.#left.get(number) ?? NOTHING
  }

  /** Whether a user's row is worked on with a group, by the text of the identifier. */
  isHere(partition: number, user: string, shard: PassShard): boolean {
    if (this.scope === null || !isAliasText(user)) return covers(partition, shard)
    const { low, high } = userHash(userKey(ALIAS, user))
    const owner = this.scope.owners.find(low, high)
    return covers(owner < 0 ? partition : owner, shard)
  }
}

const NOTHING: ReadonlySet<number> = new Set()

function aliasesHere(rows: Partition, { shard, owners }: PassScope): readonly number[] {
  return ownedAliases(rows, owners, (owner) => covers(owner, shard))
}

/**
 * Nothing is done here of aliases that belong to users of other groups, whatever preparing has made
 * pending in them. Returns their rows.
 */
function leaveToOthers(open: OpenPartition, { shard, owners }: PassScope): ReadonlySet<number> {
  const { rows, pending } = open
  const left = ownedAliases(rows, owners, (owner) => !covers(owner, shard))
  for (const row of left) {
    for (let entry = pending.first(row); entry >= 0; entry = pending.after(entry))
      open.defer(row, entry)
    pending.forgetRow(row)
  }
  return new Set(left)
}

function ownedAliases(
  rows: Partition,
  owners: AliasOwners,
  isWanted: (owner: number) => boolean,
): readonly number[] {
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
export async function loadPartition(
  store: StateStore,
  rows: OpenRows,
  number: number,
): Promise<OpenPartition> {
  return rows.open(readPartition(number, rows.layout, await store.loadPartition(number)))
}
