import { createHash, randomUUID } from 'node:crypto'
import type { RawChunk, Source } from '@engage-sync/contract'
import { profileRecords } from '../profiles/index.ts'
import type { ProfileKeys, ProfileValue } from '../profiles/index.ts'
import { toRawChunk } from '../source/index.ts'
import { checkWarehouse } from './check.ts'
import { openSnapshot } from './connection.ts'
import type { Snapshot } from './connection.ts'
import { before, readPosition } from './position.ts'
import type { SyncPosition } from './position.ts'
import { newestQuery, profilesQuery, readProfile } from './query.ts'
import type { ProfileRow } from './query.ts'
import { readTraitValue } from './value.ts'
import {
  PROFILES_SYNC_LOOK_BACK_MS,
  PROFILES_SYNC_RECORDS_PER_CHUNK,
  PROFILES_SYNC_ROWS_PER_FETCH,
  PROFILES_SYNC_STATEMENT_TIMEOUT_MS,
} from './limits.ts'

/** Which warehouse to read, and how. */
export interface ProfilesSyncOptions {
  /** `postgres://…`; reaches no message. */
  readonly url: string
  /** Schema Segment writes to. */
  readonly schema: string
  /**
   * Wanted computations. The warehouse does not say which traits are audiences: their names here
   * do.
   */
  readonly keys: ProfileKeys
  /**
   * Default `incremental`: what was loaded since the last pass. `full`: everything, and nulls for
   * wanted keys a profile lacks.
   */
  readonly mode?: 'incremental' | 'full'
  /** How far an incremental pass looks back behind the last, milliseconds. Default 2 hours. */
  readonly lookBackMs?: number
  /** Longest step of a query, milliseconds. Default 15 minutes. */
  readonly statementTimeoutMs?: number
}

/**
 * Read profiles that Segment Profiles Sync writes to PostgreSQL.
 *
 * Shape: one identify record per user id and value (`profileRecords`), by `canonical_segment_id`; a
 * profile is never split. Each source is one pass: a pass that was cut off is finished by the next
 * source, a finished one is followed by a new one. A full pass that was read from its beginning to
 * its end is `complete`.
 *
 * @see https://www.twilio.com/docs/segment/unify/profiles-sync/tables/
 */
export function createProfilesSyncSource(options: ProfilesSyncOptions): Source {
  const fresh = randomUUID()
  const name = `profiles_sync ${options.schema}`
  return {
    name,
    repeats: true,
    check: (signal) => checkWarehouse(options, signal),
    async *read(from, signal) {
      signal.throwIfAborted()
      const position = readPosition(from, name)
      if (position?.done === true && position.pass === fresh) return
      const snapshot = await openPass(options, signal)
      try {
        const pass = await choosePass(options, snapshot, { position, fresh })
        yield* readPass({ options, snapshot, name, isNew: pass !== position }, pass, signal)
      } finally {
        await snapshot.close()
      }
    },
    async *readBetween(from, to, signal) {
      signal.throwIfAborted()
      const last = readPosition(from, name)
      const end = passUpTo(options, last, readPosition(to, name))
      if (end === null) return
      const isNew = last?.pass !== end.pass || last.keys !== end.keys
      if (!isNew && last.done) return
      const start = isNew ? { ...end, after: null, records: 0, done: false } : last
      const snapshot = await openPass(options, signal)
      try {
        yield* readUpTo({ options, snapshot, name, isNew }, { start, end }, signal)
      } finally {
        await snapshot.close()
      }
    },
  }
}

/**
 * A pass up to a position. What was read for other computations may have begun too late for these: it begins where a
 * pass of their own would.
 */
function passUpTo(
  options: ProfilesSyncOptions,
  last: SyncPosition | null,
  end: SyncPosition | null,
): SyncPosition | null {
  const keys = digestOf(options.keys)
  if (end === null || end.keys === keys) return end
  return { ...end, keys, since: sinceOf(options, last?.keys === keys ? last : null) }
}

function openPass(options: ProfilesSyncOptions, signal: AbortSignal): Promise<Snapshot> {
  const { url, statementTimeoutMs = PROFILES_SYNC_STATEMENT_TIMEOUT_MS } = options
  return openSnapshot({ url, statementTimeoutMs }, signal)
}

/** The part of a pass up to a position: rows loaded since are of no pass before it. */
async function* readUpTo(
  reading: Reading,
  { start, end }: { readonly start: SyncPosition; readonly end: SyncPosition },
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  for await (const { complete, ...chunk } of readPass({ ...reading, end }, start, signal))
    yield {
      ...chunk,
      position: { ...end },
      ...(complete !== undefined && end.done && { complete }),
    }
}

async function choosePass(
  options: ProfilesSyncOptions,
  snapshot: Snapshot,
  { position, fresh }: { readonly position: SyncPosition | null; readonly fresh: string },
): Promise<SyncPosition> {
  const mode = options.mode ?? 'incremental'
  const keys = digestOf(options.keys)
  const known = position?.keys === keys ? position : null
  // A pass that was cut off goes on, unless it was to read less than is wanted now.
  if (known !== null && !known.done && (known.mode === mode || known.mode === 'full')) return known
  const [newest] = await snapshot.rows<{ up_to: string | null }>(newestQuery(options.schema))
  const upTo = newest?.up_to ?? null
  const since = sinceOf(options, known)
  return { pass: fresh, mode, keys, since, upTo, after: null, records: 0, done: false }
}

/** Where the pass after another one begins; null for the beginning. */
function sinceOf(
  { mode, lookBackMs = PROFILES_SYNC_LOOK_BACK_MS }: ProfilesSyncOptions,
  known: SyncPosition | null,
): string | null {
  const last = known?.done === true ? known.upTo : (known?.since ?? null)
  return mode === 'full' || last === null ? null : before(last, lookBackMs)
}

function digestOf({ traits, audiences }: ProfileKeys): string {
  const names = JSON.stringify([traits.toSorted(), audiences.toSorted()])
  return createHash('sha256').update(names).digest('hex').slice(0, 32)
}

interface Reading {
  readonly options: ProfilesSyncOptions
  readonly snapshot: Snapshot
  readonly name: string
  /** The pass begins here: nobody was given in the snapshot of an earlier source. */
  readonly isNew: boolean
  /** How far it goes. Default: to the end of its window. */
  readonly end?: Pick<SyncPosition, 'after' | 'done'>
}

const WHOLE = { after: null, done: true }

async function* readPass(
  { options, snapshot, name, isNew, end = WHOLE }: Reading,
  start: SyncPosition,
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  const names = [...new Set([...options.keys.traits, ...options.keys.audiences])]
  const query = profilesQuery(options.schema, names, start)
  let position = start
  let records: string[] = []
  const toChunk = (next: SyncPosition): RawChunk => {
    const chunk = toRawChunk({
      records,
      position: { ...next },
      origin: { name, firstRecord: position.records + 1 },
    })
    position = next
    records = []
    return chunk
  }
  let last = start.after
  for await (const rows of snapshot.stream<ProfileRow>(query, PROFILES_SYNC_ROWS_PER_FETCH)) {
    signal.throwIfAborted()
    for (const row of rows) {
      if (!end.done && (end.after === null || row.id > end.after)) break
      for (const record of recordsOf(row, options.keys, start)) records.push(record)
      last = row.id
      if (records.length < PROFILES_SYNC_RECORDS_PER_CHUNK) continue
      yield toChunk({ ...position, after: last, records: position.records + records.length })
    }
  }
  const rest = toChunk({
    ...position,
    after: last,
    records: position.records + records.length,
    done: true,
  })
  yield start.mode === 'full' && isNew
    ? { ...rest, complete: { time: Date.parse(asOf(start)) } }
    : rest
  signal.throwIfAborted()
}

/**
 * When what is not there is known to be gone: the end of the window, so that it is newer than what
 * it replaces.
 */
function asOf({ upTo }: SyncPosition): string {
  return upTo ?? '1970-01-01T00:00:00.000000Z'
}

function recordsOf(row: ProfileRow, keys: ProfileKeys, pass: SyncPosition): readonly string[] {
  const { identifiers, traits } = readProfile(row)
  const found = new Map(traits.map((trait) => [trait.name, trait]))
  const values = (kind: ProfileValue['kind'], names: readonly string[]): readonly ProfileValue[] =>
    names.flatMap((key) => {
      const trait = found.get(key)
      if (trait !== undefined)
        return [
          { kind, key, value: readTraitValue(trait.value), timestamp: trait.at ?? asOf(pass) },
        ]
      return pass.mode === 'full' ? [{ kind, key, value: null, timestamp: asOf(pass) }] : []
    })
  return profileRecords(identifiers, [
    ...values('audience', keys.audiences),
    ...values('trait', keys.traits),
  ])
}
