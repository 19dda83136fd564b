import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type {
  RawChunk,
  RecordOrigin,
  RejectedRecord,
  SourcePosition,
  StreamSource,
} from '@engage-sync/contract'
import { followByReading, recordTexts, sampleOrigins, sourceUnreadable } from '../source/index.ts'
import { UpToReader } from './byte-reader.ts'
import type { ByteReader } from './byte-reader.ts'
import { checkFiles } from './check.ts'
import { isMissing, watchFiles } from './follow.ts'
import { listFiles } from './list.ts'
import { FileReplaced, openReader } from './open-reader.ts'
import { PositionLog, readPosition } from './position.ts'
import type { FilePosition } from './position.ts'
import type { SeenFile } from './identity.ts'
import { RecordSplitter, SplitRoom } from './record-splitter.ts'
import type { RecordBatch, SplitLimits } from './record-splitter.ts'
import { resumeFiles } from './resume.ts'
import type { SeenPosition } from './resume.ts'

/** Options of `createFileSource`. */
export interface FileSourceOptions extends SplitLimits {
  /** A file, a directory, a glob, or several of them. */
  readonly path: string | readonly string[]
  /** What relative paths start at. */
  readonly root: string
  /**
   * Nobody writes to the files any more, so that an unfinished last line is rejected. Default: in a
   * plain file it waits until it is whole.
   */
  readonly isWhole?: boolean
}

/**
 * Events from files: newline-delimited JSON, plain or gzip (known by its first bytes, not its
 * name).
 *
 * Shape: files in Segment's storage layout by day of receipt, others by path; chunks of at most
 * about 1 MB. Positions know each file by path, content and size: grown files go on where they
 * were, renamed ones too, rewritten ones start again. A file that is cut off or damaged gives what
 * could be read, then one rejection (`SOURCE_TRUNCATED`, `SOURCE_CORRUPT`), and the next file
 * follows. One that is replaced while others are read is left to the next reading. Who follows waits for files that are not there yet, and for those that were moved away.
 *
 * @throws {SourceError} `SOURCE_NOT_FOUND` when a place matches no file, `SOURCE_UNREADABLE`,
 *   `SOURCE_POSITION`
 */
export function createFileSource(options: FileSourceOptions): StreamSource {
  const places = typeof options.path === 'string' ? [options.path] : options.path
  const name = places.join(', ')
  const { isWhole = false } = options
  const reading = () => ({
    places,
    name,
    root: resolve(options.root),
    room: new SplitRoom(options),
    isWhole,
    mayMiss: false,
  })
  return {
    name,
    read: (from, signal) => readFiles(reading(), from, signal),
    follow: (from, signal) => followFiles(reading(), from, signal),
    readBefore: (to, signal) => readFilesBetween(reading(), { from: null, to }, signal),
    readBetween: (from, to, signal) => readFilesBetween(reading(), { from, to }, signal),
    check: (signal) => checkFiles(places, resolve(options.root), signal),
    origins: (signal) => originsOf(reading(), signal),
  }
}

interface Reading {
  readonly places: readonly string[]
  readonly name: string
  readonly root: string
  readonly room: SplitRoom
  readonly isWhole: boolean
  /** Places may match no file: it is followed what is there. */
  readonly mayMiss: boolean
}

async function* readFiles(
  reading: Reading,
  from: SourcePosition | null,
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  signal.throwIfAborted()
  const files = await filesOf(reading, from)
  const log = new PositionLog(files)
  for (const [index, file] of files.entries()) {
    if (file.done) continue
    for await (const { batch, isLast } of readFile({ ...file, seen: file }, reading)) {
      signal.throwIfAborted()
      yield toChunk(
        batch,
        file.path,
        log.move(index, { ...file, offset: batch.offset, records: batch.records, done: isLast }),
      )
    }
  }
}

/** One room does for all its readings. */
function followFiles(
  reading: Reading,
  from: SourcePosition | null,
  signal: AbortSignal,
): AsyncIterable<RawChunk> {
  const { places, root } = reading
  const following = {
    read: (position: SourcePosition | null) =>
      readFiles({ ...reading, mayMiss: true }, position, signal),
    next: watchFiles(places, root),
    passes: isMissing,
  }
  return followByReading(following, from, signal)
}

interface Between {
  /** Null for the beginning. */
  readonly from: SourcePosition | null
  readonly to: SourcePosition
}

/** What was read of each file that is still what it was. */
async function* readFilesBetween(
  reading: Reading,
  { from, to }: Between,
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  signal.throwIfAborted()
  const starts = new Map((await filesOf(reading, from)).map((file) => [file.path, file]))
  for (const file of await filesOf(reading, to)) {
    const start = starts.get(file.path) ?? { path: file.path, offset: 0, records: 0, done: false }
    const isRead = start.done || (!file.done && file.offset <= start.offset)
    if (isRead) continue
    const end = file.done ? Infinity : file.offset
    for await (const { batch } of readFile({ ...start, seen: file }, reading, end)) {
      signal.throwIfAborted()
      yield toChunk(batch, file.path, () => to)
    }
  }
}

/** A pipe gives its bytes once, and that is to the run: nothing of it is looked at. */
async function originsOf(reading: Reading, signal: AbortSignal): Promise<readonly RecordOrigin[]> {
  const { places, root } = reading
  const files: string[] = []
  for (const path of await listFiles(places, root)) {
    if ((await stat(join(root, path))).isFile()) files.push(path)
  }
  return sampleOrigins(files, async function* (path) {
    for await (const { batch } of readFile({ path, offset: 0, records: 0 }, reading)) {
      signal.throwIfAborted()
      yield* recordTexts(batch)
    }
  })
}

/** Where each file stands at a position, in reading order. */
async function filesOf(
  { places, name, root, mayMiss }: Reading,
  at: SourcePosition | null,
): Promise<readonly SeenPosition[]> {
  const known = readPosition(at, name)
  return resumeFiles(await listFiles(places, root, mayMiss), root, known)
}

type FileStart = Pick<FilePosition, 'path' | 'offset' | 'records'> & {
  /** Nothing of it is read where it is no longer that file. Default: that is not asked. */
  readonly seen?: SeenFile
}

/**
 * The batches of one file. The last one is known to be the last, so that a finished file is never
 * opened again.
 *
 * @param end - bytes of text to end at: a place some reading stopped at. Default: the end of the
 *   file
 */
async function* readFile(
  file: FileStart,
  reading: Reading,
  end = Infinity,
): AsyncGenerator<{ batch: RecordBatch; isLast: boolean }> {
  const splitter = new RecordSplitter(file, reading.room)
  const opened = await openFile(file, reading)
  if (opened === null) return
  const reader = new UpToReader(opened, end - file.offset)
  try {
    while (await fill(splitter, reader, file.path)) {
      for (let batch = splitter.next(); batch !== null; batch = splitter.next())
        yield { batch, isLast: false }
    }
    yield { batch: lastBatch(splitter, reader, reading.isWhole || reader.isWhole), isLast: true }
  } finally {
    await reader.close()
  }
}

function lastBatch(splitter: RecordSplitter, reader: ByteReader, isWhole: boolean): RecordBatch {
  const { failure } = reader
  if (failure === null) return splitter.end({ isWhole }) ?? splitter.nothing()
  // What stands after the last line end is the torn record the rejection is about.
  const batch = splitter.nothing()
  return { ...batch, rejected: [{ ...failure, record: batch.records + 1 }] }
}

async function openFile(file: FileStart, { root }: Reading): Promise<ByteReader | null> {
  try {
    return await openReader(join(root, file.path), file.offset, file.seen)
  } catch (error) {
    if (error instanceof FileReplaced) return null
    throw sourceUnreadable(file.path, error)
  }
}

async function fill(splitter: RecordSplitter, reader: ByteReader, path: string): Promise<boolean> {
  try {
    return await splitter.fill(reader)
  } catch (error) {
    throw sourceUnreadable(path, error)
  }
}

function toChunk(batch: RecordBatch, name: string, position: () => SourcePosition): RawChunk {
  const { bytes, spans, count, firstRecord } = batch
  const rejected = batch.rejected.map((one): RejectedRecord => ({ ...one, origin: name }))
  return {
    bytes,
    spans,
    count,
    origin: { name, firstRecord },
    rejected,
    get position(): SourcePosition {
      return position()
    },
  }
}
