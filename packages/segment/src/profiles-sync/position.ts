import { isJsonObject, own } from '@engage-sync/contract'
import type { SourcePosition } from '@engage-sync/contract'
import { badPosition } from '../source/index.ts'

/** How far a pass over the warehouse got. Times are ISO 8601 in microseconds. */
export interface SyncPosition {
  /** Names the pass, so that a finished one is not read again by the same source. */
  readonly pass: string
  readonly mode: 'incremental' | 'full'
  /** Digest of the wanted names: values of a new name are older than any window. */
  readonly keys: string
  /** Rows loaded after this belong to the pass; null for all. */
  readonly since: string | null
  /** Rows loaded up to this belong to the pass; null when there were none. */
  readonly upTo: string | null
  /** Last `canonical_segment_id` given. */
  readonly after: string | null
  /** Records given so far, for places in messages. */
  readonly records: number
  readonly done: boolean
}

const ISO = /^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/u

/** @throws {SourceError} `SOURCE_POSITION` */
export function readPosition(from: SourcePosition | null, name: string): SyncPosition | null {
  if (from === null) return null
  if (!isJsonObject(from)) throw badPosition(name)
  const [pass, mode, keys, records, done] = ['pass', 'mode', 'keys', 'records', 'done'].map((key) =>
    own(from, key),
  )
  const [since, upTo, after] = ['since', 'upTo', 'after'].map((key) => own(from, key))
  const isSound =
    typeof pass === 'string' &&
    (mode === 'incremental' || mode === 'full') &&
    typeof keys === 'string' &&
    typeof records === 'number'
  if (
    !isSound ||
    !isTime(since) ||
    !isTime(upTo) ||
    !(after === null || typeof after === 'string') ||
    typeof done !== 'boolean'
  ) {
    throw badPosition(name)
  }
  return { pass, mode, keys, since, upTo, after, records, done }
}

/** A time earlier by so many milliseconds, ISO 8601 in microseconds. */
export function before(time: string, ms: number): string {
  const microseconds = time.slice(-4)
  return `${new Date(Date.parse(time) - ms).toISOString().slice(0, -1)}${microseconds}`
}

function isTime(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && ISO.test(value))
}
