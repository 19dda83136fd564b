import type { DeadLetter } from '@engage-sync/core'
import { encodeDeferred } from '../../state/values/letter-payload.ts'
import { deadLetterFrame } from '../dead-letters/index.ts'
import type { DeadLetterContext } from '../dead-letters/index.ts'
import type { DeferredUser } from './deferred-user.ts'
import { WAITING } from './waiting-letters.ts'
import type { DeferredLetter } from './waiting-letters.ts'

/** More records or bytes than this are not some users' trouble: the source's position stays instead. */
const MOST_RECORDS = 100_000
const MOST_BYTES = 2 ** 25
/** Of whom only a membership is held, there may be as many as there are members: what comes at once of theirs. */
export const MOST_FROZEN_BYTES = 2 ** 27

/** They are tried again by every run, so they wait as long as it takes. */
const NEVER = '9999-12-31T00:00:00.000Z'
/** What is said of users who wait. */
export const WAITING_MESSAGE =
  'Waiting: neither delivered nor refused; the next run tries again by itself'
const HELD = 'Waiting: a guard holds a membership; it is delivered once that is allowed'

/** Columns of which the values were not counted when they came; null: nothing was. */
type Uncounted = readonly number[] | null

/** Records of a user and a source of which the same was counted. */
interface Alike {
  readonly source: string
  readonly uncounted: Uncounted
  readonly texts: Set<string>
}

/** Of a user whose row is only to be looked at again. */
const NO_RECORDS: readonly Alike[] = [{ source: '', uncounted: [], texts: new Set() }]

/** The records of deferred users, by user and source. */
export class DeferredRecords {
  readonly #users: ReadonlyMap<string, DeferredUser>
  readonly #records = new Map<string, Alike[]>()
  #count = 0
  #bytes = 0
  /** Of those of whom only a membership is held. */
  #frozenBytes = 0

  constructor(users: readonly DeferredUser[]) {
    this.#users = new Map(users.map((each) => [each.user, each]))
  }

  has(user: string): boolean {
    return this.#users.has(user)
  }

  /** More than is kept beside the source. */
  get isTooMuch(): boolean {
    return (
      this.#count > MOST_RECORDS ||
      this.#bytes > MOST_BYTES ||
      this.#frozenBytes > MOST_FROZEN_BYTES
    )
  }

  /**
   * Keeps a record of a deferred user; of anybody else, and once there is too much, does nothing.
   */
  add(user: string, source: string, text: string): void {
    this.#add(this.#users.get(user), { source, uncounted: this.#uncountedOf(user) }, text)
  }

  /** Keeps records of a letter that were folded once more: what of them was counted, stays so. */
  addBefore({ user, source, uncounted = null }: DeferredLetter, texts: Iterable<string>): void {
    const now = this.#uncountedOf(user)
    const left = uncounted?.filter((column) => now?.includes(column) !== false) ?? now
    for (const text of texts) this.#add(this.#users.get(user), { source, uncounted: left }, text)
  }

  #uncountedOf(user: string): Uncounted {
    const { uncounted = [] } = this.#users.get(user) ?? {}
    return uncounted
  }

  #add(user: DeferredUser | undefined, of: Omit<Alike, 'texts'>, text: string): void {
    if (user === undefined || this.isTooMuch) return
    const all = this.#records.get(user.user) ?? []
    if (all.some(({ source, texts }) => source === of.source && texts.has(text))) return
    this.#records.set(user.user, all)
    alike(all, of).add(text)
    if (user.isFrozenOnly === true) {
      this.#frozenBytes += text.length
      return
    }
    this.#count++
    this.#bytes += text.length
  }

  /**
   * A letter per user, source and what of it was counted, or one without records for a user no
   * record speaks of.
   */
  letters(context: DeadLetterContext): readonly DeadLetter[] {
    const frame = {
      ...deadLetterFrame(context),
      expiresAt: NEVER,
      sync: '*',
      code: WAITING,
      stage: 'waiting',
    } as const
    return [...this.#users.values()].flatMap(
      ({ user, partition, frozen = [], isFrozenOnly = false, ...of }) =>
        (this.#records.get(user) ?? NO_RECORDS).map(({ source, uncounted, texts }) => ({
          ...frame,
          message: isFrozenOnly ? HELD : WAITING_MESSAGE,
          place: source,
          payload: encodeDeferred({
            records: [...texts],
            doubted: of.doubted,
            unanswered: of.unanswered,
            frozen,
            isFrozenOnly,
            uncounted,
          }),
          subject: { partition, user, slot: '' },
        })),
    )
  }
}

/** Texts of the records that are like these. */
function alike(all: Alike[], { source, uncounted }: Omit<Alike, 'texts'>): Set<string> {
  const known = all.find((each) => each.source === source && isSame(each.uncounted, uncounted))
  if (known !== undefined) return known.texts
  const texts = new Set<string>()
  all.push({ source, uncounted, texts })
  return texts
}

function isSame(one: Uncounted, other: Uncounted): boolean {
  if (one === null || other === null) return one === other
  return one.length === other.length && one.every((column) => other.includes(column))
}
