import { userKeyOf } from '@engage-sync/core'
import { DeferredUsers, DeferredRecords, MOST_USERS } from '../../deferred/index.ts'
import type { DeferredLetter, DeferredUser } from '../../deferred/index.ts'
import { NOTHING_PUT_OFF } from '../../delivery/index.ts'
import type { PutOff, RowAt } from '../../delivery/index.ts'
import type { Partitions } from '../../partitions/index.ts'
import type { HeldRecords } from '../../reading/index.ts'
import type { RunKind } from '../../request/index.ts'
import { backOffMs, TooManyWait } from '../terms/index.ts'

/** Users who wait though they need not have begun to, beside all others. */
const MOST_BY_CHOICE = MOST_USERS / 2
/** How long what was taken off a budget counts, milliseconds. */
const CHARGED_MS = 3_600_000

/** A user whose records wait. Times are of `performance.now()`. */
interface Hold {
  readonly partition: number
  /** Something of the user is under way. */
  isLate: boolean
  /** What of it nobody has answered, once all that was under way ended; null: what the letters say. */
  unanswered: Unanswered | null
  /** What was taken off budgets for it, and did not come about. */
  charged: Charged | null
  freeAt: number
  /** That failed one after another. */
  tries: number
  /** Requests about the user that are to be decided first. */
  marks: number
}

/** Columns of which something may have been sent, of segments and of mappings. */
type Unanswered = Pick<DeferredUser, 'doubted' | 'unanswered'>

/** Changes that were put off, and when they were taken off budgets, by `performance.now()`. */
interface Charged extends PutOff {
  readonly at: number
}

/** How the last answer about a user left things, where some of it failed, or is to follow. */
interface LeftOver extends NewHold {
  readonly unanswered: Unanswered
}

/** What is said of a user who begins to wait. */
export interface NewHold {
  /** How long until something of the user is tried again, milliseconds; null: by the tries that failed. */
  readonly ms: number | null
  readonly isLate?: boolean
  /** What was to change and did not. Default: nothing, or not yet known. */
  readonly putOff?: PutOff
}

/**
 * The users of a stream whose records are not folded, and kept with them in the state instead:
 * something of them is under way, or failed, or must settle first. Others go on.
 */
export class Holds implements HeldRecords {
  readonly #users = new Map<string, Hold>()
  /** Of those who were free in this window: how often they failed before. */
  #freed = new Map<string, Hold>()
  /** By partition: rows of those who wait, in this window. */
  readonly #rows = new Map<number, Set<number>>()
  #kept = new DeferredRecords([])
  readonly #how: { readonly retryMs?: number }

  constructor(how: { readonly retryMs?: number }, waiting: readonly DeferredUser[]) {
    this.#how = how
    for (const { user, partition } of waiting) this.#add(user, partition)
  }

  get size(): number {
    return this.#users.size
  }

  /** So many more may wait by choice: the rest is left to those who have to. */
  get room(): number {
    return Math.max(0, MOST_BY_CHOICE - this.size)
  }

  /** After how long somebody may go on who waits, milliseconds; Infinity while nobody does by then. */
  get idleMs(): number {
    let freeAt = Infinity
    for (const hold of this.#users.values())
      if (!isBound(hold)) freeAt = Math.min(freeAt, hold.freeAt)
    return Math.max(0, freeAt - performance.now())
  }

  /**
   * Frees those who need not wait any longer.
   *
   * @param all - also those who failed a moment ago: where records of users who wait are folded
   */
  free({ all }: { readonly all: boolean }): void {
    const now = performance.now()
    this.#freed = new Map()
    for (const [user, hold] of this.#users) {
      if (!all && (isBound(hold) || hold.freeAt > now)) continue
      this.#freed.set(user, hold)
      this.#users.delete(user)
    }
  }

  /** Whether anybody is free in this window who waited. */
  get hasFreed(): boolean {
    return this.#freed.size > 0
  }

  /** Who is free in this window, and waited. */
  get freed(): Iterable<string> {
    return this.#freed.keys()
  }

  /** What waits of those who are free. @param letters - theirs */
  freedOf(letters: readonly DeferredLetter[], kind: RunKind): DeferredUsers {
    const own = letters.flatMap((letter) => {
      const hold = this.#freed.get(letter.user)
      if (hold === undefined) return []
      // What is frozen of a user was not under way, and is in doubt as before.
      const isAsBefore = hold.unanswered === null || (letter.frozen ?? []).length > 0
      return [isAsBefore ? letter : { ...letter, ...hold.unanswered }]
    })
    return new DeferredUsers(own, kind)
  }

  /** What was put off of those who are free now, and is planned again. */
  get freedCharges(): readonly PutOff[] {
    return chargesOf(this.#freed)
  }

  /** The same of those who wait. */
  get charges(): readonly PutOff[] {
    return chargesOf(this.#users)
  }

  /** Finds the rows of those who wait; opens their partitions. */
  async place(partitions: Partitions): Promise<void> {
    this.#rows.clear()
    const kept: DeferredUser[] = []
    for (const [user, { partition }] of this.#users) {
      const open = await partitions.open(partition)
      const rows = this.#rows.get(partition) ?? new Set<number>()
      rows.add(open.findOrAdd(userKeyOf(user)))
      this.#rows.set(partition, rows)
      kept.push({ user, partition, doubted: [], unanswered: [], uncounted: null })
    }
    this.#kept = new DeferredRecords(kept)
  }

  has(partition: number, row: number): boolean {
    return this.#rows.get(partition)?.has(row) === true
  }

  keep(source: string, user: string, text: string): void {
    this.#kept.add(user, source, text)
  }

  /** Records that came of those who wait. @throws {TooManyWait} when it is no matter of some users */
  get kept(): DeferredRecords {
    if (this.#kept.isTooMuch || this.size > MOST_USERS) throw new TooManyWait(this.size)
    return this.#kept
  }

  /** Has nothing done of the rows of those who wait, whatever touched them. */
  leaveRows({ rows }: Partitions): void {
    for (const [partition, places] of this.#rows)
      for (const row of places) rows.partitions[partition]?.pending.forgetRow(row)
  }

  /** Users of whom something is under way. */
  get lateUsers(): ReadonlySet<string> {
    return new Set([...this.#users].flatMap(([user, { isLate }]) => (isLate ? [user] : [])))
  }

  /** Partitions with rows that hold what nobody has answered yet. */
  get latePartitions(): ReadonlySet<number> {
    const late = [...this.#users.values()].filter(({ isLate }) => isLate)
    return new Set(late.map(({ partition }) => partition))
  }

  /** Lets a user wait. */
  hold(
    user: string,
    partition: number,
    { ms, isLate = false, putOff = NOTHING_PUT_OFF }: NewHold,
  ): void {
    const hold = this.#users.get(user) ?? this.#add(user, partition)
    const freed = this.#freed.get(user)
    hold.tries = isLate ? (freed?.tries ?? 0) : (freed?.tries ?? 0) + 1
    hold.isLate = isLate
    hold.unanswered = null
    hold.charged = { ...putOff, at: chargedAt(freed) }
    hold.freeAt = performance.now() + (ms ?? backOffMs(this.#how, hold.tries))
  }

  /** The last answer about a user came. @param left - some of it failed, or is to follow after so long */
  answered({ open, row }: RowAt, left: LeftOver | null): void {
    const hold = this.#users.get(open.rows.idText(row))
    if (hold === undefined) return
    hold.isLate = false
    hold.unanswered = left?.unanswered ?? { doubted: [], unanswered: [] }
    const at = hold.charged?.at ?? performance.now()
    hold.charged = { ...(left?.putOff ?? NOTHING_PUT_OFF), at }
    if (left !== null) hold.tries++
    hold.freeAt =
      performance.now() + (left === null ? 0 : (left.ms ?? backOffMs(this.#how, hold.tries)))
  }

  /** Has what waits of a user folded as soon as nothing else of the user is under way. */
  release(user: string, partition: number): void {
    if (!this.#users.has(user)) this.#add(user, partition)
  }

  /** How many users wait, with others of whom something does. */
  sizeWith(others: { readonly size: number; has(user: string): boolean }): number {
    let both = 0
    if (others.size > 0) for (const user of this.#users.keys()) if (others.has(user)) both++
    return this.size + others.size - both
  }

  /** A request about users is to be decided first, or was. @param count - 1 or -1 */
  mark(users: ReadonlySet<string>, count: 1 | -1): void {
    for (const user of users) {
      const hold = this.#users.get(user)
      if (hold !== undefined) hold.marks += count
    }
  }

  #add(user: string, partition: number): Hold {
    const hold: Hold = {
      partition,
      isLate: false,
      unanswered: null,
      charged: null,
      freeAt: 0,
      tries: 0,
      marks: 0,
    }
    this.#users.set(user, hold)
    return hold
  }
}

function chargesOf(holds: ReadonlyMap<string, Hold>): readonly PutOff[] {
  return [...holds.values()].flatMap(({ charged }) => (isCharged(charged) ? [charged] : []))
}

/** Budgets know it no longer than that. */
function isCharged(charged: Charged | null | undefined): charged is Charged {
  return charged !== null && charged !== undefined && performance.now() - charged.at < CHARGED_MS
}

/** When what is put off was taken off budgets: the first time of all. */
function chargedAt(freed: Hold | undefined): number {
  const charged = freed?.charged
  const isAgain = isCharged(charged) && charged.guards.length + charged.dataPoints > 0
  return isAgain ? charged.at : performance.now()
}

/** Whether time alone does not free a user. */
function isBound({ isLate, marks }: Hold): boolean {
  return isLate || marks > 0
}
