import { userKeyOf } from '@engage-sync/core'
import type { FrozenColumns, OpenPartition, RunProgram } from '@engage-sync/core'
import { DeferredRecords, MOST_FROZEN_BYTES } from './deferred-records.ts'
import type { DeferredUser } from './deferred-user.ts'
import { UnansweredColumns } from './unanswered-columns.ts'
import type { DeferredLetter } from './waiting-letters.ts'

/** What stays as it is; one for all users of whom the same does. */
interface Stay {
  /** As `removals=<id>`. */
  readonly guards: readonly string[]
  /** All that tells of these memberships. */
  readonly columns: ReadonlySet<number>
}

/** A user of whom memberships stay as they are: there may be very many. */
interface FrozenUser {
  /** Text of the identifier, as rows hold it. */
  readonly user: string
  readonly partition: number
  stay: Stay
}

/**
 * Users of whom some memberships stay as they are until a guard is allowed, and what comes of these
 * meanwhile: it waits in letters, in order, while everything else of the user goes on.
 */
export class FrozenUsers implements FrozenColumns {
  readonly #program: Pick<RunProgram, 'outputs'>
  readonly #stays = new Map<string, Stay>()
  readonly #users = new Map<string, FrozenUser>()
  /** By guard, how many it holds. */
  readonly #held = new Map<string, number>()
  /** Of those who were frozen before rows were read, by partition, until these are. */
  readonly #unplaced = new Map<number, FrozenUser[]>()
  /** By partition: users by their rows. */
  readonly #rows = new Map<number, Map<number, FrozenUser>>()
  /** Guards that are allowed, of which somebody is held yet; and whom to look at for that. */
  readonly #thawing = new Set<string>()
  #toThaw = this.#users.values()
  /** Records of which some part waits, by user and source, since it was asked for them. */
  #kept = new Map<string, Map<string, Set<string>>>()
  #keptBytes = 0
  /** Of those of whom more is frozen since then: the columns before. */
  readonly #before = new Map<string, readonly number[]>()

  constructor(program: Pick<RunProgram, 'outputs'>) {
    this.#program = program
  }

  get size(): number {
    return this.#users.size
  }

  has(user: string): boolean {
    return this.#users.has(user)
  }

  of(partition: number, row: number): ReadonlySet<number> | null {
    return this.#rows.get(partition)?.get(row)?.stay.columns ?? null
  }

  /** Guards that hold a membership of a user. */
  guardsOf(user: string): readonly string[] {
    return this.#users.get(user)?.stay.guards ?? []
  }

  /** Columns nothing was folded into of the records at hand: what came before they were frozen was. */
  uncountedOf(user: string): readonly number[] {
    return this.#before.get(user) ?? [...(this.#users.get(user)?.stay.columns ?? [])]
  }

  /** Those that hold anybody. */
  get guards(): readonly string[] {
    return [...this.#held].flatMap(([guard, count]) => (count > 0 ? [guard] : []))
  }

  /** How many users a guard holds. */
  heldBy(guard: string): number {
    return this.#held.get(guard) ?? 0
  }

  /** Whether anything in the configuration tells of the membership a guard holds. */
  isMapped(guard: string): boolean {
    return this.#stayOf([guard]).columns.size > 0
  }

  /** Takes over whom a letter names. */
  note({ user, partition }: DeferredUser, guards: readonly string[]): void {
    if (guards.length === 0) return
    const isKnown = this.#users.has(user)
    const found = this.#add(user, partition, guards)
    if (isKnown) return
    const unplaced = this.#unplaced.get(partition) ?? []
    this.#unplaced.set(partition, unplaced)
    unplaced.push(found)
  }

  /** Finds the rows of a partition's users; whenever it is opened. */
  place(open: OpenPartition): void {
    const { number } = open.rows
    const users = this.#rows.get(number)?.values() ?? this.#unplaced.get(number) ?? []
    this.#unplaced.delete(number)
    const rows = new Map<number, FrozenUser>()
    for (const found of users)
      if (this.#users.get(found.user) === found)
        rows.set(open.findOrAdd(userKeyOf(found.user)), found)
    this.#rows.set(number, rows)
  }

  /** Has memberships of a user stay as they are from now on. */
  freeze(open: OpenPartition, row: number, guards: ReadonlySet<string>): void {
    const { number } = open.rows
    // Who is left of those it held before stays, too, until it is allowed once more.
    for (const guard of guards) this.#thawing.delete(guard)
    const user = open.rows.idText(row)
    this.#before.set(user, this.uncountedOf(user))
    const found = this.#add(user, number, guards)
    const rows = this.#rows.get(number) ?? new Map<number, FrozenUser>()
    this.#rows.set(number, rows.set(row, found))
  }

  /** Ends that for what is allowed: of some users after the others, as `takeThawed` is asked for them. */
  thaw(allowed: readonly string[]): void {
    const more = allowed.filter((guard) => this.heldBy(guard) > 0 && !this.#thawing.has(guard))
    if (more.length === 0) return
    for (const guard of more) this.#thawing.add(guard)
    this.#toThaw = this.#users.values()
  }

  /** Whether somebody is held yet by a guard that is allowed. */
  get isThawing(): boolean {
    return this.#thawing.size > 0
  }

  /** So many at most, of whom something is held no longer: their records may be folded. */
  takeThawed(most: number): readonly Pick<DeferredUser, 'user' | 'partition'>[] {
    const thawed: Pick<DeferredUser, 'user' | 'partition'>[] = []
    while (this.isThawing && thawed.length < most) {
      const next = this.#toThaw.next()
      if (next.done === true) {
        this.#thawing.clear()
        break
      }
      const found = next.value
      const guards = found.stay.guards.filter((guard) => !this.#thawing.has(guard))
      if (guards.length === found.stay.guards.length) continue
      this.#set(found, guards)
      thawed.push(found)
    }
    return thawed
  }

  /** A user who is gone. */
  forget(user: string): void {
    const found = this.#users.get(user)
    if (found !== undefined) this.#set(found, [])
  }

  /** Keeps a record of which some part waits; once there is too much, it does nothing. */
  keep(source: string, user: string, text: string): void {
    if (this.#keptBytes > MOST_FROZEN_BYTES) return
    const bySource = this.#kept.get(user) ?? new Map<string, Set<string>>()
    this.#kept.set(user, bySource)
    const texts = bySource.get(source) ?? new Set<string>()
    bySource.set(source, texts)
    if (texts.has(text)) return
    texts.add(text)
    this.#keptBytes += text.length
  }

  /**
   * What was kept since it was asked last, with what is not known to be answered; null when there is
   * too much of it.
   *
   * @param ended - letters that were folded meanwhile: what waits of them is among it
   */
  takeKept(ended: readonly DeferredLetter[]): DeferredRecords | null {
    const kept = this.#kept
    const isTooMuch = this.#keptBytes > MOST_FROZEN_BYTES
    const records = new DeferredRecords(this.#letterUsers(ended))
    for (const letter of ended) {
      const texts = kept.get(letter.user)?.get(letter.source) ?? new Set()
      records.addBefore(
        letter,
        letter.records.filter((text) => texts.has(text)),
      )
    }
    for (const [user, bySource] of kept)
      for (const [source, texts] of bySource)
        for (const text of texts) records.add(user, source, text)
    this.#kept = new Map()
    this.#keptBytes = 0
    this.#before.clear()
    return isTooMuch || records.isTooMuch ? null : records
  }

  /** Who is named by letters: those of whom something was kept, or folded. */
  #letterUsers(ended: readonly DeferredLetter[]): readonly DeferredUser[] {
    const before = new UnansweredColumns(ended)
    const own = Map.groupBy(ended, ({ user }) => user)
    const names = new Set([...this.#kept.keys(), ...own.keys()])
    return [...names].flatMap((user): readonly DeferredUser[] => {
      const found = this.#users.get(user)
      if (found === undefined) return []
      const { columns, guards } = found.stay
      const doubted = new Set((own.get(user) ?? []).flatMap((each) => each.doubted))
      return [
        {
          user,
          partition: found.partition,
          doubted: [...doubted].filter((column) => columns.has(column)),
          unanswered: [...columns].filter((column) => before.has(user, column)),
          frozen: guards,
          isFrozenOnly: true,
          uncounted: this.uncountedOf(user),
        },
      ]
    })
  }

  #add(user: string, partition: number, guards: Iterable<string>): FrozenUser {
    const found = this.#users.get(user) ?? { user, partition, stay: this.#stayOf([]) }
    this.#set(found, [...new Set([...found.stay.guards, ...guards])].toSorted())
    return found
  }

  /** Rows refer to the user: they see what stays of it. */
  #set(found: FrozenUser, guards: readonly string[]): void {
    for (const guard of found.stay.guards) this.#held.set(guard, this.heldBy(guard) - 1)
    for (const guard of guards) this.#held.set(guard, this.heldBy(guard) + 1)
    found.stay = this.#stayOf(guards)
    if (guards.length === 0) this.#users.delete(found.user)
    else this.#users.set(found.user, found)
  }

  #stayOf(guards: readonly string[]): Stay {
    const name = guards.join('\n')
    const known = this.#stays.get(name)
    if (known !== undefined) return known
    const ids = new Set(guards.map((guard) => guard.slice(guard.indexOf('=') + 1)))
    const outputs = this.#program.outputs.filter(
      (output) => output !== undefined && ids.has(output.id),
    )
    const stay = { guards, columns: new Set(outputs.map((output) => output!.column)) }
    this.#stays.set(name, stay)
    return stay
  }
}
