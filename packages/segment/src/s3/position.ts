import { entryOf, isJsonObject, own } from '@engage-sync/contract'
import type { SourcePosition } from '@engage-sync/contract'
import { badPosition } from '../source/index.ts'
import { inTimeOrder } from '../files/index.ts'
import type { S3Object } from './bucket.ts'
import { S3_LOOK_BACK_MS } from './limits.ts'

/** Where reading an object goes on. */
export interface ObjectPlace {
  readonly key: string
  readonly etag: string
  /** Bytes of text, after unpacking. */
  readonly offset: number
  readonly records: number
}

/** How far reading a bucket got. Times are milliseconds since the epoch, of the server's clock. */
export interface S3Position {
  /** Objects modified up to this were read by former passes; null before the first. */
  readonly since: number | null
  /** ETags by key of the objects read that were modified shortly before `since`. */
  readonly recent: Readonly<Record<string, string>>
  /** The pass that is under way. */
  readonly pass: null | {
    /** Objects modified later belong to the next pass. */
    readonly upTo: number
    /** Key of the last object read whole. */
    readonly after: string | null
    readonly object: ObjectPlace | null
  }
}

export const BEGINNING: S3Position = { since: null, recent: {}, pass: null }

/**
 * The objects still to read, in order.
 *
 * Shape: those modified since the last pass, and those around its end that it did not see, or saw
 * in another version; by Segment's day of receipt, then by key; behind the last one read whole.
 */
export function unread(
  objects: readonly S3Object[],
  { since, recent, pass }: S3Position,
): readonly S3Object[] {
  const from = since === null ? Number.NEGATIVE_INFINITY : since - S3_LOOK_BACK_MS
  const upTo = pass?.upTo ?? Number.POSITIVE_INFINITY
  const wanted = new Map<string, S3Object>()
  for (const object of objects) {
    const isKnown = Object.hasOwn(recent, object.key) && recent[object.key] === object.etag
    if (object.modifiedAt > from && object.modifiedAt <= upTo && !isKnown)
      wanted.set(object.key, object)
  }
  const after = pass?.after ?? null
  const keys = inTimeOrder(
    after === null || wanted.has(after) ? [...wanted.keys()] : [...wanted.keys(), after],
  )
  return keys.slice(after === null ? 0 : keys.indexOf(after) + 1).map((key) => entryOf(wanted, key))
}

/**
 * The objects former readings gave, in order; of the one they stopped in, how far, in bytes of
 * text.
 */
export function alreadyRead(
  objects: readonly S3Object[],
  position: S3Position,
): readonly { readonly object: S3Object; readonly end: number }[] {
  const left = new Set(unread(objects, position).map(({ key }) => key))
  const begun = position.pass?.object ?? null
  const byKey = new Map(objects.map((object) => [object.key, object]))
  return inTimeOrder([...byKey.keys()]).flatMap((key) => {
    const object = entryOf(byKey, key)
    if (object.modifiedAt > (position.pass?.upTo ?? Infinity)) return []
    if (!left.has(key)) return [{ object, end: Infinity }]
    return key === begun?.key && object.etag === begun.etag ? [{ object, end: begun.offset }] : []
  })
}

/** The position behind a whole pass over these objects. */
export function endOfPass(objects: readonly S3Object[], upTo: number): S3Position {
  const recent = objects.filter(
    ({ modifiedAt }) => modifiedAt <= upTo && modifiedAt > upTo - S3_LOOK_BACK_MS,
  )
  return {
    since: upTo,
    recent: Object.fromEntries(recent.map(({ key, etag }) => [key, etag])),
    pass: null,
  }
}

/** @throws {SourceError} `SOURCE_POSITION` */
export function readPosition(from: SourcePosition | null, name: string): S3Position {
  if (from === null) return BEGINNING
  if (!isJsonObject(from)) throw badPosition(name)
  const [since, recent, pass] = ['since', 'recent', 'pass'].map((key) => own(from, key))
  const isSound =
    (since === null || typeof since === 'number') &&
    isJsonObject(recent) &&
    Object.values(recent).every((etag) => typeof etag === 'string')
  if (!isSound || pass === undefined || (pass !== null && !isPass(pass))) throw badPosition(name)
  return from as unknown as S3Position
}

function isPass(pass: unknown): boolean {
  if (!isJsonObject(pass) || typeof own(pass, 'upTo') !== 'number') return false
  const [after, object] = [own(pass, 'after'), own(pass, 'object')]
  if (!(after === null || typeof after === 'string')) return false
  if (object === null) return true
  if (
    !isJsonObject(object) ||
    typeof own(object, 'key') !== 'string' ||
    typeof own(object, 'etag') !== 'string'
  )
    return false
  return Number.isInteger(own(object, 'offset')) && Number.isInteger(own(object, 'records'))
}
