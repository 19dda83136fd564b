import { recordBytes, rowOf, UserFinder } from '@engage-sync/core'
import type {
  DeadLetter,
  DecodedRow,
  FoldProgram,
  OpenRows,
  RawChunk,
  RowDecoder,
} from '@engage-sync/core'
import { encodeDeferred } from '../../state/values/letter-payload.ts'
import { deadLetterFrame } from '../dead-letters/index.ts'
import type { DeadLetterContext } from '../dead-letters/index.ts'
import { WAITING } from './waiting-letters.ts'
import type { DeferredUser } from './deferred-user.ts'
import type { DeferredLetter } from './waiting-letters.ts'
import { UnansweredColumns } from './unanswered-columns.ts'

/**
 * More users, records or bytes than this are not some users' trouble: the source's position stays
 * instead.
 */
export const MOST_USERS = 10_000
const MOST_RECORDS = 100_000
const MOST_BYTES = 2 ** 25
/** Of whom only a membership is held, there may be as many as there are members: what comes at once of theirs. */
const MOST_FROZEN_BYTES = 2 ** 27

/** They are tried again by every run, so they wait as long as it takes. */
const NEVER = '9999-12-31T00:00:00.000Z'
const MESSAGE = 'Waiting: neither delivered nor refused; the next run tries again by itself'

/** A part of a source that was read, and can be once more. */
export interface ReadAgain {
  readonly source: string
  readonly program: FoldProgram
  /** How many of its records the run decoded. */
  readonly decoded: number
  read(signal: AbortSignal): AsyncIterable<RawChunk>
}

/** What finds the records of deferred users. */
export interface RecordFinder {
  readonly rows: OpenRows
  readonly createDecoder: (plan: FoldProgram['plan']) => RowDecoder
  readonly signal: AbortSignal
}

/**
 * The records that let a source's position move though some users are unfinished: found by reading
 * once more what the run read, with those that waited before.
 *
 * Shape: null when there is too much of it, or a source cannot be read again; the position must
 * stay then.
 */
export async function collectDeferred(
  finder: RecordFinder,
  users: readonly DeferredUser[],
  from: { readonly ranges: readonly ReadAgain[]; readonly before: readonly DeferredLetter[] },
): Promise<DeferredRecords | null> {
  const before = new UnansweredColumns(from.before)
  const found = new DeferredRecords(users.map((user) => before.joinTo(user)))
  if (users.length === 0) return found
  if (users.filter((user) => user.isFrozenOnly !== true).length > MOST_USERS) return null
  for (const { user, source, records } of from.before)
    for (const text of records) found.add(user, source, text)
  try {
    for (const range of from.ranges) await readAgain(finder, range, found)
  } catch {
    return null
  }
  return found.isTooMuch ? null : found
}

/** Of a user whose row is only to be looked at again. */
const NO_RECORDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([['', new Set()]])

/** The records of deferred users, by user and source. */
export class DeferredRecords {
  readonly #users: ReadonlyMap<string, DeferredUser>
  readonly #records = new Map<string, Map<string, Set<string>>>()
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
    if (!this.has(user) || this.isTooMuch) return
    const bySource = this.#records.get(user) ?? new Map<string, Set<string>>()
    this.#records.set(user, bySource)
    const texts = bySource.get(source) ?? new Set<string>()
    bySource.set(source, texts)
    if (texts.has(text)) return
    texts.add(text)
    if (this.#users.get(user)?.isFrozenOnly === true) {
      this.#frozenBytes += text.length
      return
    }
    this.#count++
    this.#bytes += text.length
  }

  /** A letter per user and source, or one without records for a user no record speaks of. */
  letters(context: DeadLetterContext): readonly DeadLetter[] {
    const frame = {
      ...deadLetterFrame(context),
      expiresAt: NEVER,
      sync: '*',
      code: WAITING,
      message: MESSAGE,
      stage: 'waiting',
    } as const
    return [...this.#users.values()].flatMap(
      ({ user, partition, frozen = [], isFrozenOnly = false, uncounted = [], ...of }) =>
        [...(this.#records.get(user) ?? NO_RECORDS)].map(([source, texts]) => ({
          ...frame,
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

async function readAgain(
  { rows, createDecoder, signal }: RecordFinder,
  range: ReadAgain,
  found: DeferredRecords,
): Promise<void> {
  const { source, program } = range
  const decoder = createDecoder(program.plan)
  const finder = new UserFinder(program.plan.identities, rows)
  let left = range.decoded
  if (left === 0) return
  for await (const chunk of range.read(signal)) {
    const end = Math.min(chunk.count, left)
    for (let record = 0; record < end; record++) {
      const users = usersOf(finder, rowOf(decoder, chunk, record)).filter((user) => found.has(user))
      if (users.length === 0) continue
      const text = utf8.decode(recordBytes(chunk, record))
      for (const user of users) found.add(user, source, text)
    }
    left -= end
    if (left === 0 || found.isTooMuch) return
  }
}

/** Everybody a record speaks of, or asks to forget, as rows name them. */
function usersOf(finder: UserFinder, row: DecodedRow): readonly string[] {
  if (row.status !== 'changes' && row.status !== 'delete') return []
  const users = new Set<string>()
  for (let identity = 0; identity < finder.rows.length; identity++) {
    const key = finder.keyOf(row, identity)
    if (key !== null) users.add(utf8.decode(key.bytes.subarray(key.start, key.end)))
  }
  return [...users]
}

const utf8 = new TextDecoder()
