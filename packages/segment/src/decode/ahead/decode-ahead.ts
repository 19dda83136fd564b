import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { SyncError } from '@engage-sync/contract'
import type { DecodePlan, RawChunk } from '@engage-sync/contract'
import { MAX_CHUNK_RECORDS, READ_BYTES } from '../../source/index.ts'
import { createRow } from '../row/index.ts'
import { buffersOf } from './ahead-messages.ts'
import type { AheadOptions, Decoded, ToDecode } from './ahead-messages.ts'
import { RowReader } from './packed-rows.ts'
import type { PackedRows } from './packed-rows.ts'

/** From source the worker is TypeScript, which Node strips; from the package it is JavaScript. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './ahead-worker.ts' : './ahead-worker.js',
  import.meta.url,
)
/** So many bytes cost less to decode here than a thread costs to start. */
const AFTER_BYTES = 8 * 2 ** 20
/** Chunks the thread has at most: one it decodes, one that waits for it. */
const THREAD_CHUNKS = 2
/** Chunks that are read ahead of the caller, the thread's among them. */
const DEPTH = 4

/**
 * The thread's garbage is short-lived: more room for it makes nothing faster, and would be kept.
 */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 12 }

/** Options of decoding ahead. */
export interface DecodeAheadOptions {
  /**
   * Bytes of records that are left to the caller's decoder before the thread starts. Default 8 MiB.
   */
  readonly afterBytes?: number
  /**
   * Whether the caller's decoder gets chunks while the thread starts, or has enough to do. Default
   * true.
   */
  readonly isShared?: boolean
}

/**
 * Decodes a stream's chunks on a thread of their own, while the caller works on those before.
 *
 * Shape: the same chunks, in the same order; from `afterBytes` on most with `rows`, decoded for the
 * plan. Those without are for the caller to decode, so that neither waits for the other. A chunk is
 * valid until the next one is asked for. With one core there is no thread. Ending early ends the
 * thread.
 *
 * @throws {SyncError} `INTERNAL` when the thread died
 */
export async function* decodeAhead(
  chunks: AsyncIterable<RawChunk>,
  plan: DecodePlan,
  { afterBytes = AFTER_BYTES, isShared = true }: DecodeAheadOptions = {},
): AsyncGenerator<RawChunk> {
  let left = availableParallelism() > 1 ? afterBytes : Infinity
  let ahead: Ahead | null = null
  try {
    for await (const chunk of chunks) {
      if (left <= 0) ahead ??= new Ahead(plan)
      if (ahead === null || (isShared && !ahead.isReady)) {
        left -= lengthOf(chunk)
        yield chunk
        continue
      }
      if (isShared && ahead.decoding >= THREAD_CHUNKS) ahead.keep(chunk)
      else ahead.send(chunk)
      if (ahead.waiting >= DEPTH) yield await ahead.next()
    }
    while (ahead !== null && ahead.waiting > 0) yield await ahead.next()
  } finally {
    await ahead?.close()
  }
}

function lengthOf({ spans, count }: RawChunk): number {
  return count === 0 ? 0 : spans[count * 2 - 1] - spans[0]
}

/**
 * A chunk that waits for the caller, in buffers of its own; without them while the thread has it.
 */
interface Waiting {
  readonly chunk: RawChunk
  kept: Buffers | null
}

/** A chunk's buffers, to be used again; with rows once some were packed. */
type Buffers = Omit<Decoded, 'rows'> & { readonly rows: PackedRows | null }

/** The decoding thread, what is on its way to it, and what came back. */
class Ahead {
  readonly #worker: Worker
  readonly #reader: RowReader
  readonly #waiting: Waiting[] = []
  readonly #decoded: Decoded[] = []
  readonly #spare: Buffers[] = []
  #held: Buffers | null = null
  #failure: SyncError | null = null
  #wake: (() => void) | null = null
  /** The thread told that it takes chunks. */
  isReady = false
  /** Chunks the thread has. */
  decoding = 0

  constructor(plan: DecodePlan) {
    this.#reader = new RowReader(createRow(plan))
    // The flags of this process (a test runner's, a loader's) are not meant for the worker.
    this.#worker = new Worker(WORKER, {
      workerData: { plan } satisfies AheadOptions,
      execArgv: [],
      name: 'decode-ahead',
      resourceLimits: RESOURCE_LIMITS,
    })
    this.#worker.on('message', (decoded: Decoded | null) => this.#take(decoded))
    this.#worker.on('error', (error: { readonly code?: string; readonly name: string }) =>
      this.#over(error.code ?? error.name),
    )
    this.#worker.on('exit', () => this.#over('exit'))
  }

  /** Chunks that were taken and not given back. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Copies a chunk's records and hands the copy over. */
  send(chunk: RawChunk): void {
    const { rows, ...message } = copyOf(chunk, this.#spare.pop())
    this.#waiting.push({ chunk, kept: null })
    this.decoding++
    this.#worker.postMessage(
      { ...message, count: chunk.count, room: rows } satisfies ToDecode,
      buffersOf({ ...message, rows }),
    )
  }

  /** Copies a chunk's records, for the caller to decode. */
  keep(chunk: RawChunk): void {
    this.#waiting.push({ chunk, kept: copyOf(chunk, this.#spare.pop()) })
  }

  /** The oldest chunk. The one given before is used up. */
  async next(): Promise<RawChunk> {
    if (this.#held !== null) this.#spare.push(this.#held)
    this.#held = null
    const { chunk, kept } = this.#waiting.shift()!
    while (kept === null && this.#decoded.length === 0) {
      if (this.#failure !== null) throw this.#failure
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    this.#held = kept ?? this.#decoded.shift()!
    return this.#chunkOf(chunk, this.#held, kept === null)
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #take(decoded: Decoded | null): void {
    this.isReady = true
    if (decoded === null) return
    this.decoding--
    this.#decoded.push(decoded)
    this.#wake?.()
  }

  #chunkOf(chunk: RawChunk, { bytes, spans, rows }: Buffers, isDecoded: boolean): RawChunk {
    if (isDecoded) this.#reader.open(rows!, bytes)
    return {
      bytes,
      spans,
      count: chunk.count,
      origin: chunk.origin,
      rejected: chunk.rejected,
      ...(chunk.complete === undefined ? {} : { complete: chunk.complete }),
      ...(isDecoded ? { rows: this.#reader } : {}),
      get position() {
        return chunk.position
      },
    }
  }

  #over(what: string): void {
    this.#failure ??= new SyncError('INTERNAL', `The thread that decodes records ended (${what})`, {
      hint: 'The run stopped while it read, and the state holds all that was sent. Run again; if it ends again, please report it.',
    })
    this.#wake?.()
  }
}

/** The span of a chunk's records, from zero, in the buffers of an earlier one where they fit. */
function copyOf(chunk: RawChunk, spare: Buffers | undefined): Buffers {
  const length = lengthOf(chunk)
  const from = chunk.spans[0]
  const bytes = roomFor(Uint8Array, spare?.bytes, Math.max(length, READ_BYTES))
  bytes.set(chunk.bytes.subarray(from, from + length))
  const spans = roomFor(Int32Array, spare?.spans, Math.max(chunk.count, MAX_CHUNK_RECORDS) * 2)
  for (let index = 0; index < chunk.count * 2; index++) spans[index] = chunk.spans[index] - from
  return { bytes, spans, rows: spare?.rows ?? null }
}

type Numbers = Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer>

function roomFor<T extends Numbers>(
  Type: new (length: number) => T,
  spare: T | undefined,
  length: number,
): T {
  return spare !== undefined && spare.length >= length ? spare : new Type(Math.ceil(length * 1.25))
}
