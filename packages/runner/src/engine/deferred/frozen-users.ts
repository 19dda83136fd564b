import { userKeyOf } from '@engage-sync/core'
import type { FrozenColumns, OpenPartition, RunProgram } from '@engage-sync/core'
import { DeferredRecords } from './collect.ts'
import type { DeferredUser } from './deferred-user.ts'
import { UnansweredColumns } from './unanswered-columns.ts'

/** A user of whom memberships stay as they are. */
interface FrozenUser {
  readonly partition: number
  /** As `removals=<id>`. */
  readonly guards: Set<string>
  /** All that tells of these memberships. */
  readonly columns: Set<number>
}

/**
 * Users of whom some memberships stay as they are until a guard is allowed, and what comes of these
 * meanwhile: it waits in letters, in order, while everything else of the user goes on.
 */
export class FrozenUsers implements FrozenColumns {
  readonly #program: Pick<RunProgram, 'outputs'>
  readonly #users = new Map<string, FrozenUser>()
  /** By partition: the columns of their rows. */
  readonly #rows = new Map<number, Map<number, ReadonlySet<number>>>()
  #kept: { readonly user: string; readonly source: string; readonly text: string }[] = []

  constructor(program: Pick<RunProgram, 'outputs'>) {
    this.#program = program
  }

  /** Those whose letters say so, as far as the guards still hold. */
  static from(
    program: Pick<RunProgram, 'outputs'>,
    letters: readonly DeferredUser[],
    isFrozen: (guard: string) => boolean,
  ): FrozenUsers {
    const frozen = new FrozenUsers(program)
    for (const { user, partition, frozen: guards = [] } of letters)
      frozen.#add(user, partition, guards.filter(isFrozen))
    return frozen
  }

  get size(): number {
    return this.#users.size
  }

  has(user: string): boolean {
    return this.#users.has(user)
  }

  of(partition: number, row: number): ReadonlySet<number> | null {
    return this.#rows.get(partition)?.get(row) ?? null
  }

  /** Guards that hold a membership of a user. */
  guardsOf(user: string): readonly string[] {
    return [...(this.#users.get(user)?.guards ?? [])]
  }

  /** How many users a guard holds. */
  heldBy(guard: string): number {
    let count = 0
    for (const { guards } of this.#users.values()) if (guards.has(guard)) count++
    return count
  }

  /** Finds the rows of a partition's users; whenever it is opened. */
  place(open: OpenPartition): void {
    const { number } = open.rows
    const rows = new Map<number, ReadonlySet<number>>()
    for (const [user, { partition, columns }] of this.#users)
      if (partition === number) rows.set(open.findOrAdd(userKeyOf(user)), columns)
    if (rows.size > 0) this.#rows.set(number, rows)
    else this.#rows.delete(number)
  }

  /** Has memberships of a user stay as they are from now on. */
  freeze(open: OpenPartition, row: number, guards: Iterable<string>): void {
    const { number } = open.rows
    const found = this.#add(open.rows.idText(row), number, guards)
    if (found === null) return
    const rows = this.#rows.get(number) ?? new Map<number, ReadonlySet<number>>()
    this.#rows.set(number, rows.set(row, found.columns))
  }

  /** Ends that for what is allowed. Returns whose records may be folded. */
  thaw(allowed: readonly string[]): readonly Pick<DeferredUser, 'user' | 'partition'>[] {
    const thawed: Pick<DeferredUser, 'user' | 'partition'>[] = []
    for (const [user, each] of this.#users) {
      const before = each.guards.size
      for (const guard of allowed) each.guards.delete(guard)
      if (each.guards.size === before) continue
      thawed.push({ user, partition: each.partition })
      this.#setColumns(each)
      if (each.guards.size === 0) this.#users.delete(user)
    }
    return thawed
  }

  /** A user who is gone. */
  forget(user: string): void {
    this.#users.get(user)?.columns.clear()
    this.#users.delete(user)
  }

  /** Keeps a record of which some part waits. */
  keep(source: string, user: string, text: string): void {
    this.#kept.push({ user, source, text })
  }

  /**
   * What was kept since it was asked last, with what is not known to be answered.
   *
   * @param ended - letters that were folded meanwhile: what waits of them is among it
   */
  takeKept(ended: readonly DeferredUser[]): DeferredRecords {
    const before = new UnansweredColumns(ended)
    const own = Map.groupBy(ended, ({ user }) => user)
    const names = new Set([...this.#kept.map(({ user }) => user), ...own.keys()])
    const users = [...names].flatMap((user): readonly DeferredUser[] => {
      const found = this.#users.get(user)
      if (found === undefined) return []
      const { partition, guards, columns } = found
      const doubted = new Set((own.get(user) ?? []).flatMap((each) => each.doubted))
      return [
        {
          user,
          partition,
          doubted: [...doubted].filter((column) => columns.has(column)),
          unanswered: [...columns].filter((column) => before.has(user, column)),
          frozen: [...guards],
        },
      ]
    })
    const records = new DeferredRecords(users)
    for (const { user, source, text } of this.#kept) records.add(user, source, text)
    this.#kept = []
    return records
  }

  #add(user: string, partition: number, guards: Iterable<string>): FrozenUser | null {
    const known = this.#users.get(user) ?? { partition, guards: new Set(), columns: new Set() }
    for (const guard of guards) known.guards.add(guard)
    if (known.guards.size === 0) return null
    this.#setColumns(known)
    this.#users.set(user, known)
    return known
  }

  /** The set stays the same one: rows refer to it. */
  #setColumns({ guards, columns }: FrozenUser): void {
    const ids = new Set([...guards].map((guard) => guard.slice(guard.indexOf('=') + 1)))
    columns.clear()
    for (const output of this.#program.outputs)
      if (output !== undefined && ids.has(output.id)) columns.add(output.column)
  }
}
