import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type {
  EventLog,
  RawChunk,
  Source,
  SourceCondition,
  SourcePosition,
} from '@engage-sync/contract'
import { createFileSource, isMissing, readPosition } from '../files/index.ts'
import type { FilePosition } from '../files/index.ts'
import { countOf, followByReading, sleepUntil } from '../source/index.ts'
import { AppendSignal } from './append-signal.ts'
import { spoolLag, statOf, trimSpool } from './backlog.ts'
import { eraseFromSpool } from './erase.ts'
import { MAX_SPOOL_FILE_BYTES } from './limits.ts'
import { filesIn, SpoolWriter } from './spool-writer.ts'

/** Options of `createSpool`. */
export interface SpoolOptions {
  /** Name of the source in messages. */
  readonly name: string
  /** Where the files are; of this spool alone. */
  readonly directory: string
  /** A new file is begun beyond this many bytes. Default 64 MB. */
  readonly maxFileBytes?: number
}

/**
 * A log in a directory, of one process: files `0000000001.events` and so on, readable by their owner
 * alone.
 *
 * Shape: calls of `append` at the same time share one sync; where it throws, nothing was added. What
 * follows is woken by `append` of this log alone. Reading from a position removes files that are
 * read to their end; following removes none, so that `trim` has to. A last line without its end was
 * never acknowledged, and is left out.
 */
export function createSpool({
  name,
  directory,
  maxFileBytes = MAX_SPOOL_FILE_BYTES,
}: SpoolOptions): EventLog {
  const writer = new SpoolWriter(directory, maxFileBytes)
  const appended = new AppendSignal()
  const files = { name, directory, isWhole: false }
  return {
    name,
    drains: true,
    check: (signal) => checkSpool(directory, signal),
    read: (from, signal) => readSpool(files, from, signal),
    readBetween: (from, to, signal) => readBetween(files, { from, to }, signal),
    follow: (from, signal) => {
      const read = (position: SourcePosition | null) => readFiles(files, position, signal)
      return followByReading({ read, next: appended.watch(), passes: isMissing }, from, signal)
    },
    append: async (lines) => {
      await writer.append(lines)
      appended.tell()
    },
    lag: (position) => spoolLag(files, position),
    trim: (position) => trimSpool(files, position, writer),
    erase: async (ids) => ({ erased: await eraseFromSpool(directory, ids), left: 0 }),
    close: () => writer.close(),
  }
}

/** Options of `spoolSource`. */
export interface SpoolSourceOptions extends SpoolOptions {
  /** The stream, NDJSON or gzip of it; read once, however often the source is read. */
  readonly input: AsyncIterable<Uint8Array>
}

/**
 * A source of what can be read only once, such as standard input.
 *
 * Shape: the whole stream is on disk before its first record is given; what an interrupted run left
 * there comes first.
 */
export function spoolSource({ input, ...options }: SpoolSourceOptions): Source {
  let copied: Promise<void> | null = null
  const files = { ...options, isWhole: true }
  return {
    name: options.name,
    check: async (signal) => {
      signal.throwIfAborted()
      return { message: 'Read once, when a run starts' }
    },
    async *read(from, signal) {
      signal.throwIfAborted()
      copied ??= copyInput(input, options.directory, signal)
      await copied
      yield* readSpool(files, from, signal)
    },
    async *readBetween(from, to, signal) {
      signal.throwIfAborted()
      // What comes now is newer than the second position, and must not be lost.
      copied ??= copyInput(input, options.directory, signal)
      await copied
      yield* readBetween(files, { from, to }, signal)
    },
  }
}

async function copyInput(
  input: AsyncIterable<Uint8Array>,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  // One file for one stream: a gzip stream must not be cut.
  const writer = new SpoolWriter(directory, Infinity)
  try {
    for await (const bytes of input) {
      signal.throwIfAborted()
      if (bytes.length > 0) await writer.write(bytes)
    }
    await writer.sync()
  } finally {
    await writer.close()
  }
}

interface SpoolFiles {
  readonly name: string
  readonly directory: string
  /** Whether a last line without its end is a record all the same. */
  readonly isWhole: boolean
}

async function* readSpool(
  files: SpoolFiles,
  from: SourcePosition | null,
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  signal.throwIfAborted()
  const { name, directory } = files
  for (const position of readPosition(from, name)) {
    if (await isPassed(directory, position))
      await rm(join(directory, position.path), { force: true })
  }
  yield* readFiles(files, from, signal)
}

/** Removes nothing: what is read may be read again. */
async function* readBetween(
  { directory, isWhole }: SpoolFiles,
  { from, to }: { readonly from: SourcePosition | null; readonly to: SourcePosition },
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  signal.throwIfAborted()
  const path = await filesIn(directory)
  const source = createFileSource({ path, root: directory, isWhole })
  if (path.length > 0 && source.readBetween !== undefined)
    yield* source.readBetween(from, to, signal)
}

/** How often, and how long apart, a spool is listed anew whose file is gone, milliseconds. */
const TRIES = 20
const AGAIN_MS = 50

/**
 * What the files of a spool hold as of now, from a position on; removes nothing. A server may remove
 * what was worked on between a look at the list and one at the file.
 */
export async function* readFiles(
  files: SpoolFiles,
  from: SourcePosition | null,
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  let position = from
  for (let tries = 1; ; tries++)
    try {
      for await (const chunk of readListed(files, position, signal)) {
        ;({ position } = chunk)
        yield chunk
      }
      return
    } catch (error) {
      if (!isMissing(error) || tries === TRIES) throw error
      await sleepUntil(AGAIN_MS, signal)
    }
}

async function* readListed(
  { directory, isWhole }: SpoolFiles,
  from: SourcePosition | null,
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  signal.throwIfAborted()
  const path = await filesIn(directory)
  if (path.length > 0)
    yield* createFileSource({ path, root: directory, isWhole }).read(from, signal)
}

/**
 * Whether a file was read to the end it still has, and will not grow: the newest may still be
 * written to.
 */
async function isPassed(directory: string, { path, done, size }: FilePosition): Promise<boolean> {
  const files = await filesIn(directory)
  if (!done || !files.includes(path) || path === files.at(-1)) return false
  return (await statOf(join(directory, path)))?.size === size
}

/** The spool is made when something comes, so that none is no mistake. */
async function checkSpool(directory: string, signal: AbortSignal): Promise<SourceCondition> {
  signal.throwIfAborted()
  const { bytes } = await spoolLag({ name: directory, directory }, null)
  return {
    message:
      bytes === 0
        ? 'Nothing was received yet, or everything is worked on and removed'
        : `${countOf(bytes, 'byte')} received, worked on or not`,
  }
}
