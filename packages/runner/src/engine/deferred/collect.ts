import { UserFinder } from '@engage-sync/core'
import type { DeadLetter, DecodedRow } from '@engage-sync/core'
import type { SourceFold } from '../reading/fold-sources.ts'
import { deadLetterFrame } from '../dead-letters/record-letters.ts'
import type { Session } from '../session.ts'
import type { ReadRange } from '../reading/ranges.ts'
import { endedDeferred, WAITING } from './load.ts'
import type { DeferredUser } from './load.ts'
import { encodeDeferred } from '../../state/values/letter-payload.ts'

/** More users, records or bytes than this are not some users' trouble: the source's position stays instead. */
const MOST_USERS = 10_000
const MOST_RECORDS = 100_000
const MOST_BYTES = 2 ** 25

/** They are tried again by every run, so they wait as long as it takes. */
const NEVER = '9999-12-31T00:00:00.000Z'
const MESSAGE = 'Waiting: neither delivered nor refused; the next run tries again by itself'

/**
 * The letters that let a source's position move though some users are unfinished: their records, found by reading
 * once more what this run read, with those that waited before.
 *
 * Shape: a letter per user and source, or one without records for a user no record speaks of. Null when there is too
 * much of it, or a source cannot be read again; the position must stay then.
 */
export async function collectDeferred(
  session: Session,
  fold: SourceFold,
  users: readonly DeferredUser[],
): Promise<readonly DeadLetter[] | null> {
  if (users.length === 0) return []
  if (users.length > MOST_USERS) return null
  const kept = new KeptRecords(users)
  for (const { user, source, records } of endedDeferred(session)) for (const text of records) kept.add(user, source, text)
  try {
    for (const { stretch, decoded } of fold.stretches) await readAgain(session, { stretch, decoded, kept })
  } catch {
    return null
  }
  return kept.isTooMuch ? null : kept.letters(session)
}

/** Of a user whose row is only to be looked at again. */
const NO_RECORDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([['', new Set()]])

/** Records by user and source. */
class KeptRecords {
  readonly #users: ReadonlyMap<string, DeferredUser>
  readonly #records = new Map<string, Map<string, Set<string>>>()
  #count = 0
  #bytes = 0

  constructor(users: readonly DeferredUser[]) {
    this.#users = new Map(users.map((each) => [each.user, each]))
  }

  has(user: string): boolean {
    return this.#users.has(user)
  }

  get isTooMuch(): boolean {
    return this.#count > MOST_RECORDS || this.#bytes > MOST_BYTES
  }

  add(user: string, source: string, text: string): void {
    if (!this.has(user) || this.isTooMuch) return
    const bySource = this.#records.get(user) ?? new Map<string, Set<string>>()
    this.#records.set(user, bySource)
    const texts = bySource.get(source) ?? new Set<string>()
    bySource.set(source, texts)
    if (texts.has(text)) return
    texts.add(text)
    this.#count++
    this.#bytes += text.length
  }

  letters({ letterContext }: Session): readonly DeadLetter[] {
    const frame = {
      ...deadLetterFrame(letterContext),
      expiresAt: NEVER,
      sync: '*',
      code: WAITING,
      message: MESSAGE,
      stage: 'waiting',
    } as const
    return [...this.#users.values()].flatMap(({ user, partition, doubted }) =>
      [...(this.#records.get(user) ?? NO_RECORDS)].map(([source, texts]) => ({
        ...frame,
        place: source,
        payload: encodeDeferred({ records: [...texts], doubted: [...doubted] }),
        subject: { partition, user, slot: '' },
      })),
    )
  }
}

interface Reading {
  readonly stretch: ReadRange
  /** How many of its records the run decoded. */
  readonly decoded: number
  readonly kept: KeptRecords
}

async function readAgain({ options, rows }: Session, { stretch, decoded, kept }: Reading): Promise<void> {
  const { source, program } = stretch
  const decoder = options.createDecoder(program.plan)
  const finder = new UserFinder(program.plan.identities, rows)
  let left = decoded
  if (left === 0) return
  for await (const { bytes, spans, count } of stretch.read(options.signal)) {
    const end = Math.min(count, left)
    for (let record = 0; record < end; record++) {
      const row = decoder.decode(bytes, spans[record * 2], spans[record * 2 + 1])
      const users = usersOf(finder, row).filter((user) => kept.has(user))
      if (users.length === 0) continue
      const text = utf8.decode(bytes.subarray(spans[record * 2], spans[record * 2 + 1]))
      for (const user of users) kept.add(user, source, text)
    }
    left -= end
    if (left === 0 || kept.isTooMuch) return
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
