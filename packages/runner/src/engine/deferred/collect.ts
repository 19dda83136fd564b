import { recordBytes, rowOf, UserFinder } from '@engage-sync/core'
import type { DecodedRow, FoldProgram, OpenRows, RawChunk, RowDecoder } from '@engage-sync/core'
import { DeferredRecords } from './deferred-records.ts'
import type { DeferredUser } from './deferred-user.ts'
import type { DeferredLetter } from './waiting-letters.ts'
import { UnansweredColumns } from './unanswered-columns.ts'

/** More users than this are not some users' trouble: the source's position stays instead. */
export const MOST_USERS = 10_000

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
  for (const letter of from.before) found.addBefore(letter, letter.records)
  try {
    for (const range of from.ranges) await readAgain(finder, range, found)
  } catch {
    return null
  }
  return found.isTooMuch ? null : found
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
