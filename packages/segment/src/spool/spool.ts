import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RawChunk, Source, SourcePosition } from '@engage-sync/contract'
import { createFileSource, readPosition } from '../files/index.ts'
import type { FilePosition } from '../files/index.ts'
import { filesIn, SpoolWriter } from './spool-writer.ts'
import { MAX_SPOOL_FILE_BYTES } from './limits.ts'

/** Options of `createSpool`. */
export interface SpoolOptions {
  /** Name of the source in messages. */
  readonly name: string
  /** Where the files are; of this spool alone. */
  readonly directory: string
  /** A new file is begun beyond this many bytes. Default 64 MB. */
  readonly maxFileBytes?: number
}

/** Events on disk that nobody could give a second time. */
export interface EventSpool {
  /**
   * What was appended, and not yet committed as read. Reading from a position removes files that
   * are read to their end.
   */
  readonly source: Source
  /**
   * Adds bytes of NDJSON (or of a gzip stream); durable when it resolves. Calls at the same time
   * share one sync.
   */
  append(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** A spool in a directory: files `0000000001.events` and so on, readable by their owner alone. */
export function createSpool({
  name,
  directory,
  maxFileBytes = MAX_SPOOL_FILE_BYTES,
}: SpoolOptions): EventSpool {
  const writer = new SpoolWriter(directory, maxFileBytes)
  return {
    source: { name, read: (from, signal) => readSpool({ name, directory }, from, signal) },
    append: (bytes) => writer.append(bytes),
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
  const { source } = createSpool(options)
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
      yield* source.read(from, signal)
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

async function* readSpool(
  { name, directory }: SpoolOptions,
  from: SourcePosition | null,
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  signal.throwIfAborted()
  for (const position of readPosition(from, name)) {
    if (await isPassed(directory, position))
      await rm(join(directory, position.path), { force: true })
  }
  const files = await filesIn(directory)
  if (files.length > 0)
    yield* createFileSource({ path: files, root: directory, isWhole: true }).read(from, signal)
}

/**
 * Whether a file was read to the end it still has, and will not grow: the newest may still be
 * written to.
 */
async function isPassed(directory: string, { path, done, size }: FilePosition): Promise<boolean> {
  const files = await filesIn(directory)
  if (!done || !files.includes(path) || path === files.at(-1)) return false
  return (await stat(join(directory, path))).size === size
}
