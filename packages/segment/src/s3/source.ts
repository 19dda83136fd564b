import type {
  RawChunk,
  RecordOrigin,
  RejectedRecord,
  Source,
  SourcePosition,
} from '@engage-sync/contract'
import { recordTexts, sampleOrigins, sourceNotFound, toRawChunk } from '../source/index.ts'
import { inTimeOrder, RecordSplitter, SplitRoom, UpToReader } from '../files/index.ts'
import type { ByteReader, RecordBatch, SplitLimits } from '../files/index.ts'
import { ObjectChangedError, openBucket } from './bucket.ts'
import type { Bucket, S3Access, S3Object } from './bucket.ts'
import { checkBucket } from './check.ts'
import { openObject } from './object-reader.ts'
import { parseS3Url } from './place.ts'
import type { S3Place } from './place.ts'
import { newestOfFolders } from './newest.ts'
import { alreadyRead, BEGINNING, endOfPass, readPosition, unread } from './position.ts'
import type { ObjectPlace, S3Position } from './position.ts'

/** Which objects to read, and how to reach them. */
export interface S3SourceOptions extends S3Access, SplitLimits {
  /**
   * `s3://bucket/key`, a folder, or a glob such as
   * `s3://bucket/prefix/segment-logs/ENGAGE_SOURCE_ID/**`.
   */
  readonly url: string
}

/**
 * Events from a bucket: newline-delimited JSON, plain or gzip (known by its first bytes, not its
 * name or headers).
 *
 * Shape: objects in Segment's storage layout by day of receipt, then by key. Positions know what
 * was read by key and version: a rewritten object is read again, a late one is not missed. A
 * damaged object gives what could be read, then one rejection.
 *
 * @throws {SourceError} `SOURCE_URL`, `SOURCE_NOT_FOUND`, `SOURCE_POSITION`, `SOURCE_AUTH`,
 *   `SOURCE_REQUEST`, `SOURCE_UNAVAILABLE`
 * @see https://www.twilio.com/docs/segment/connections/storage/catalog/aws-s3/
 */
export function createS3Source(options: S3SourceOptions): Source {
  const place = parseS3Url(options.url)
  return {
    name: options.url,
    read: (at, signal) => readBucket({ options, place, at, signal }, readPass),
    readBefore: (at, signal) =>
      readBucket({ options, place, at, signal }, (reading, to) =>
        readPassesBetween(reading, BEGINNING, to),
      ),
    readBetween: (from, at, signal) =>
      readBucket({ options, place, at, signal }, (reading, to) =>
        readPassesBetween(reading, readPosition(from, options.url), to),
      ),
    check: (signal) => checkBucket(options, place, signal),
    origins: (signal) => originsOf({ options, place, at: null, signal }),
  }
}

interface Wish {
  readonly options: S3SourceOptions
  readonly place: S3Place
  readonly at: SourcePosition | null
  readonly signal: AbortSignal
}

async function* readBucket(
  { options, place, at, signal }: Wish,
  read: (reading: Reading, position: S3Position) => AsyncGenerator<RawChunk>,
): AsyncGenerator<RawChunk> {
  signal.throwIfAborted()
  const position = readPosition(at, options.url)
  const bucket = await openBucket(place.bucket, options)
  try {
    const objects = await bucket.list(place, signal)
    if (objects.length === 0) throw sourceNotFound(options.url)
    yield* read(
      { bucket, bucketName: place.bucket, objects, room: new SplitRoom(options), signal },
      position,
    )
  } finally {
    bucket.close()
  }
}

async function originsOf({ options, place, signal }: Wish): Promise<readonly RecordOrigin[]> {
  const bucket = await openBucket(place.bucket, options)
  try {
    const objects = await newestOfFolders(bucket, place, signal)
    const reading: Reading = {
      bucket,
      bucketName: place.bucket,
      objects,
      room: new SplitRoom(options),
      signal,
    }
    const byKey = new Map(objects.map((object) => [object.key, object]))
    const origins = await sampleOrigins(inTimeOrder([...byKey.keys()]), async function* (key) {
      const object = byKey.get(key)
      if (object === undefined) return
      for await (const { batch } of readObject(reading, object, {
        ...object,
        offset: 0,
        records: 0,
      }))
        yield* recordTexts(batch)
    })
    return origins.map((origin) => ({ ...origin, files: null }))
  } finally {
    bucket.close()
  }
}

interface Reading {
  readonly bucket: Bucket
  readonly bucketName: string
  readonly objects: readonly S3Object[]
  readonly room: SplitRoom
  readonly signal: AbortSignal
}

async function* readPass(reading: Reading, start: S3Position): AsyncGenerator<RawChunk> {
  const { objects, signal } = reading
  const newest = objects.reduce(
    (latest, { modifiedAt }) => Math.max(latest, modifiedAt),
    start.since ?? 0,
  )
  const upTo = start.pass?.upTo ?? newest
  const todo = unread(objects, {
    ...start,
    pass: { upTo, after: start.pass?.after ?? null, object: null },
  })
  let after = start.pass?.after ?? null
  // What was left of the pass is gone from the bucket.
  if (todo.length === 0 && start.pass !== null) yield emptyChunk(reading, endOfPass(objects, upTo))
  for (const [index, object] of todo.entries()) {
    const begun = start.pass?.object
    const from =
      begun?.key === object.key && begun.etag === object.etag
        ? begun
        : { ...object, offset: 0, records: 0 }
    for await (const { batch, isLast } of readObject(reading, object, from)) {
      if (isLast) after = object.key
      const place = isLast
        ? null
        : { key: object.key, etag: object.etag, offset: batch.offset, records: batch.records }
      const isEnd = isLast && index === todo.length - 1
      const position = isEnd
        ? endOfPass(objects, upTo)
        : { since: start.since, recent: start.recent, pass: { upTo, after, object: place } }
      yield toChunk(batch, `s3://${reading.bucketName}/${object.key}`, position)
      signal.throwIfAborted()
    }
  }
}

/** What was read of each object that is still what it was. */
async function* readPassesBetween(
  reading: Reading,
  from: S3Position,
  to: S3Position,
): AsyncGenerator<RawChunk> {
  const before = new Map(
    alreadyRead(reading.objects, from).map(({ object, end }) => [object.key, end]),
  )
  const begun = from.pass?.object ?? null
  for (const { object, end } of alreadyRead(reading.objects, to)) {
    if (end <= (before.get(object.key) ?? -1)) continue
    const start =
      begun?.key === object.key && before.has(object.key)
        ? begun
        : { ...object, offset: 0, records: 0 }
    for await (const { batch } of readObject(reading, object, { ...start, end })) {
      yield toChunk(batch, `s3://${reading.bucketName}/${object.key}`, to)
      reading.signal.throwIfAborted()
    }
  }
}

/**
 * The batches of one object. What changed since it was listed is left to the next pass.
 *
 * @param from - its `end`: bytes of text to end at. Default: the end of the object
 */
async function* readObject(
  reading: Reading,
  object: S3Object,
  from: ObjectPlace & { readonly end?: number },
): AsyncGenerator<{ batch: RecordBatch; isLast: boolean }> {
  const splitter = new RecordSplitter(from, reading.room)
  let reader: ByteReader | null = null
  try {
    reader = new UpToReader(
      await openObject(reading.bucket, { object, offset: from.offset }, reading.signal),
      (from.end ?? Infinity) - from.offset,
    )
    while (await splitter.fill(reader)) {
      for (let batch = splitter.next(); batch !== null; batch = splitter.next())
        yield { batch, isLast: false }
    }
  } catch (error) {
    if (!(error instanceof ObjectChangedError)) throw error
    yield { batch: changed(splitter, error), isLast: true }
    return
  } finally {
    await reader?.close()
  }
  yield { batch: lastBatch(splitter, reader), isLast: true }
}

function lastBatch(splitter: RecordSplitter, { failure }: ByteReader): RecordBatch {
  if (failure === null) return splitter.end({ isWhole: true }) ?? splitter.nothing()
  const batch = splitter.nothing()
  return { ...batch, rejected: [{ ...failure, record: batch.records + 1 }] }
}

function changed(splitter: RecordSplitter, { isGone }: ObjectChangedError): RecordBatch {
  const batch = splitter.nothing()
  if (!isGone) return batch
  const message = 'The object was removed while it was to be read; what came before was read.'
  return { ...batch, rejected: [{ code: 'SOURCE_GONE', message, record: batch.records + 1 }] }
}

function emptyChunk({ bucketName }: Reading, position: S3Position): RawChunk {
  return toRawChunk({
    records: [],
    position: asJson(position),
    origin: { name: `s3://${bucketName}`, firstRecord: 1 },
  })
}

function toChunk(batch: RecordBatch, name: string, position: S3Position): RawChunk {
  const { bytes, spans, count, firstRecord } = batch
  const rejected = batch.rejected.map((one): RejectedRecord => ({ ...one, origin: name }))
  return {
    bytes,
    spans,
    count,
    origin: { name, firstRecord },
    rejected,
    position: asJson(position),
  }
}

/** Positions are plain JSON; an interface just cannot say so. */
function asJson(position: S3Position): SourcePosition {
  return position as unknown as SourcePosition
}
