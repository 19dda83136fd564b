import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { isJsonObject, own } from '@engage-sync/contract'
import type { RawChunk, Source, SourcePosition } from '@engage-sync/contract'
import { systemClock } from '../remote/index.ts'
import type { Clock } from '../remote/index.ts'
import { badPosition, toRawChunk } from '../source/index.ts'
import { checkProfiles } from './check.ts'
import { fetchProfile } from './fetch-profile.ts'
import type { FetchedProfile, ProfileWish } from './fetch-profile.ts'
import type { ProfileApi } from './model.ts'
import { openSpool } from './answer-spool.ts'
import type { Spool, SpooledPart } from './answer-spool.ts'
import { readUserFile } from './users.ts'
import type { UserFile } from './users.ts'
import { PROFILE_USERS_PER_CHUNK } from './limits.ts'

/** Which users to read, and how. */
export interface ProfileApiSourceOptions extends Partial<ProfileWish> {
  readonly api: ProfileApi
  /** A list, or a file with one identifier a line or a CSV column. */
  readonly users: readonly string[] | UserFile
  /** Type of the listed identifiers. Default `user_id`. */
  readonly idType?: string
  /** Directory of its own for answers until they are committed; they hold personal data. */
  readonly spoolDirectory: string
  /** Profiles asked for at the same time. Default 16. */
  readonly concurrency?: number
  /**
   * Users whose answers are spooled and travel together. Default 200. Another number begins a new
   * pass.
   */
  readonly usersPerChunk?: number
  readonly clock?: Clock
}

/** How far a pass over the users got. */
interface Pass {
  /** When it began, ISO 8601 without punctuation: names its spool files. */
  readonly pass: string
  /** Digest of the user list and of what is asked: another list is another pass. */
  readonly users: string
  /** Next part of the list. */
  readonly next: number
  /** Records given so far, for places in messages. */
  readonly records: number
  readonly done: boolean
}

const DEFAULT_CONCURRENCY = 16

/**
 * Read listed users' computations from the Profile API.
 *
 * Shape: one identify record per user and value (`profileRecords`), in the order of the list; users
 * without a profile are rejected records. Each source is one pass: a pass that was cut off is
 * finished by the next source, a finished one is followed by a new one. Every answer is on disk
 * before it counts as read.
 *
 * @see https://www.twilio.com/docs/segment/unify/profile-api/
 */
export function createProfileApiSource(options: ProfileApiSourceOptions): Source {
  const clock = options.clock ?? systemClock
  const fresh = passName(clock.now())
  const name = Array.isArray(options.users)
    ? 'profile_api'
    : `profile_api ${basename((options.users as UserFile).file)}`
  const spool = openSpool(options.spoolDirectory)
  return {
    name,
    repeats: true,
    async check(signal) {
      signal.throwIfAborted()
      return checkProfiles(
        options.api,
        { type: idTypeOf(options), users: await usersOf(options) },
        signal,
      )
    },
    async *read(from, signal) {
      signal.throwIfAborted()
      const reading = await readingOf(options, { spool, name })
      const pass = choosePass(readPosition(from, name), fresh, reading.digest)
      await spool.forget(pass.pass, pass.next)
      yield* readPass(reading, pass, signal)
    },
    async *readBetween(from, to, signal) {
      signal.throwIfAborted()
      const reading = await readingOf(options, { spool, name })
      const end = readPosition(to, name)
      const last = readPosition(from, name)
      // Answers about other users or computations are none to these questions.
      if (end?.users !== reading.digest)
        return yield* readPass(reading, choosePass(last, fresh, reading.digest), signal)
      const start = last?.pass === end.pass ? last : { ...end, next: 0, records: 0, done: false }
      for await (const chunk of readPass({ ...reading, end: end.next }, start, signal))
        yield { ...chunk, position: to }
    },
  }
}

async function readingOf(
  options: ProfileApiSourceOptions,
  { spool, name }: Pick<Reading, 'spool' | 'name'>,
): Promise<Reading> {
  const users = await usersOf(options)
  const digest = digestOf(options, users)
  return { ...options, users, usersPerChunk: chunkOf(options), spool, name, digest }
}

async function usersOf({ users }: ProfileApiSourceOptions): Promise<readonly string[]> {
  return Array.isArray(users) ? (users as readonly string[]) : readUserFile(users as UserFile)
}

function idTypeOf({ idType = 'user_id' }: Pick<ProfileApiSourceOptions, 'idType'>): string {
  return idType
}

/** Name of a pass that begins at an instant. */
function passName(nowMs: number): string {
  return new Date(nowMs).toISOString().replaceAll(/[-:.]/gu, '')
}

/** The instant a pass began, ISO 8601. */
function passStart(pass: string): string {
  return pass.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/u, '$1-$2-$3T$4:$5:$6.$7Z')
}

function choosePass(position: Pass | null, fresh: string, users: string): Pass {
  const canGoOn =
    position !== null && position.users === users && (!position.done || position.pass === fresh)
  return canGoOn ? position : { pass: fresh, users, next: 0, records: 0, done: false }
}

interface Reading extends Omit<ProfileApiSourceOptions, 'users'> {
  readonly users: readonly string[]
  readonly usersPerChunk: number
  readonly spool: Spool
  readonly name: string
  /** Of the users and what is asked about them. */
  readonly digest: string
  /** The part it stops before. Default: goes on to the last. */
  readonly end?: number
}

async function* readPass(
  reading: Reading,
  start: Pass,
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  const parts = Math.max(1, Math.ceil(reading.users.length / reading.usersPerChunk))
  let at = start
  while (!at.done && at.next < (reading.end ?? Infinity)) {
    const part =
      (await reading.spool.read(at.pass, at.next)) ?? (await fetchPart(reading, at, signal))
    signal.throwIfAborted()
    const firstRecord = at.records + 1
    const records = at.records + part.records.length + part.rejected.length
    at = { ...at, next: at.next + 1, records, done: at.next + 1 >= parts }
    yield toRawChunk({
      records: part.records,
      rejected: part.rejected.map((rejected) => ({ ...rejected, origin: reading.name })),
      position: { ...at },
      origin: { name: reading.name, firstRecord },
    })
    signal.throwIfAborted()
  }
}

/** Asks for one part of the users and spools the answers. */
async function fetchPart(
  reading: Reading,
  { pass, next }: Pass,
  signal: AbortSignal,
): Promise<SpooledPart> {
  const first = next * reading.usersPerChunk
  const users = reading.users.slice(first, first + reading.usersPerChunk)
  const fetched = await fetchAll(reading, { users, asOf: passStart(pass) }, signal)
  const part: SpooledPart = {
    records: fetched.flatMap((profile) => ('records' in profile ? profile.records : [])),
    rejected: fetched.flatMap((profile, index) =>
      'rejection' in profile ? [{ ...profile.rejection, record: first + index + 1 }] : [],
    ),
  }
  await reading.spool.write(pass, next, part)
  return part
}

/** Results in the order of the users; the first failure ends the others. */
async function fetchAll(
  reading: Reading,
  { users, asOf }: { readonly users: readonly string[]; readonly asOf: string },
  signal: AbortSignal,
): Promise<readonly FetchedProfile[]> {
  const stop = new AbortController()
  const both = AbortSignal.any([signal, stop.signal])
  const wish = { ...wishOf(reading), asOf }
  const results: FetchedProfile[] = Array.from({ length: users.length })
  const left = users.entries()
  const lane = async (): Promise<void> => {
    for (const [index, id] of left) {
      const user = { type: idTypeOf(reading), id }
      results[index] = await fetchProfile(reading.api, { ...wish, user }, both)
    }
  }
  const lanes = Array.from(
    { length: Math.min(reading.concurrency ?? DEFAULT_CONCURRENCY, users.length) },
    lane,
  )
  try {
    await Promise.all(lanes)
  } catch (error) {
    stop.abort()
    await Promise.allSettled(lanes)
    throw error
  }
  return results
}

/** What is asked about each user. */
function wishOf(options: Omit<ProfileApiSourceOptions, 'users'>): ProfileWish {
  const { keys = null, absent = 'ignore' } = options
  return { keys, externalIds: options.externalIds ?? idTypeOf(options) !== 'user_id', absent }
}

function chunkOf({ usersPerChunk = PROFILE_USERS_PER_CHUNK }: ProfileApiSourceOptions): number {
  return usersPerChunk
}

function digestOf(options: ProfileApiSourceOptions, users: readonly string[]): string {
  const { keys, externalIds, absent } = wishOf(options)
  const names = [keys?.traits, keys?.audiences].map((list) => list?.toSorted() ?? null)
  const hash = createHash('sha256')
    .update(`${idTypeOf(options)} ${chunkOf(options)}`)
    .update(JSON.stringify([names, externalIds, absent]))
  for (const user of users) hash.update('\n').update(user)
  return hash.digest('hex').slice(0, 32)
}

/** @throws {SourceError} `SOURCE_POSITION` */
function readPosition(from: SourcePosition | null, name: string): Pass | null {
  if (from === null) return null
  if (!isJsonObject(from)) throw badPosition(name)
  const [pass, users, next, records, done] = ['pass', 'users', 'next', 'records', 'done'].map(
    (key) => own(from, key),
  )
  const isSound =
    typeof pass === 'string' && /^\d{8}T\d{9}Z$/u.test(pass) && typeof users === 'string'
  if (
    !isSound ||
    typeof next !== 'number' ||
    typeof records !== 'number' ||
    typeof done !== 'boolean'
  )
    throw badPosition(name)
  return { pass, users, next, records, done }
}
