import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { SyncError } from '@engage-sync/core'
import type { DecodePlan, RawChunk } from '@engage-sync/core'
import { createRow } from '../row.ts'
import { buffersOf } from './ahead-messages.ts'
import type { AheadOptions, Decoded, ToDecode } from './ahead-messages.ts'
import { RowReader } from './packed-rows.ts'

/** From source the worker is TypeScript, which Node strips; from the package it is JavaScript. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './ahead-worker.ts' : './ahead-worker.js', import.meta.url)
/** So many bytes cost less to decode here than a thread costs to start. */
const AFTER_BYTES = 8 * 2 ** 20
/** Chunks on their way: one being decoded, one waiting for it, one decoded and waiting to be folded. */
const DEPTH = 3

/** Options of decoding ahead. */
export interface DecodeAheadOptions {
  /** Bytes of records that are left to the caller's decoder before the thread starts. Default 8 MiB. */
  readonly afterBytes?: number
}

/**
 * Decodes a stream's chunks on a thread of their own, while the caller works on those before.
 *
 * Shape: the same chunks, in the same order; from `afterBytes` on with `rows`, decoded for the plan. A chunk is valid
 * until the next one is asked for. With one core there is no thread. Ending early ends the thread.
 *
 * @throws {SyncError} `INTERNAL` when the thread died
 */
export async function* decodeAhead(
  chunks: AsyncIterable<RawChunk>,
  plan: DecodePlan,
  { afterBytes = AFTER_BYTES }: DecodeAheadOptions = {},
): AsyncGenerator<RawChunk> {
  let left = availableParallelism() > 1 ? afterBytes : Infinity
  let ahead: Ahead | null = null
  try {
    for await (const chunk of chunks) {
      if (left > 0) {
        left -= lengthOf(chunk)
        yield chunk
        continue
      }
      ahead ??= new Ahead(plan)
      ahead.send(chunk)
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

/** The decoding thread, what is on its way to it, and what came back. */
class Ahead {
  readonly #worker: Worker
  readonly #reader: RowReader
  readonly #chunks: RawChunk[] = []
  readonly #decoded: Decoded[] = []
  readonly #spare: Decoded[] = []
  #held: Decoded | null = null
  #failure: SyncError | null = null
  #wake: (() => void) | null = null

  constructor(plan: DecodePlan) {
    this.#reader = new RowReader(createRow(plan))
    // The flags of this process (a test runner's, a loader's) are not meant for the worker.
    this.#worker = new Worker(WORKER, { workerData: { plan } satisfies AheadOptions, execArgv: [], name: 'decode-ahead' })
    this.#worker.on('message', (decoded: Decoded) => {
      this.#decoded.push(decoded)
      this.#wake?.()
    })
    this.#worker.on('error', (error: { readonly code?: string; readonly name: string }) => this.#over(error.code ?? error.name))
    this.#worker.on('exit', () => this.#over('exit'))
  }

  /** Chunks that were sent and not given back. */
  get waiting(): number {
    return this.#chunks.length
  }

  /** Copies a chunk's records and hands the copy over. */
  send(chunk: RawChunk): void {
    this.#chunks.push(chunk)
    const spare = this.#spare.pop()
    const message = copyOf(chunk, spare)
    this.#worker.postMessage(message, buffersOf({ ...message, rows: message.room }))
  }

  /** The oldest chunk, decoded. The one given before is used up. */
  async next(): Promise<RawChunk> {
    if (this.#held !== null) this.#spare.push(this.#held)
    while (this.#decoded.length === 0) {
      if (this.#failure !== null) throw this.#failure
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    this.#held = this.#decoded.shift()!
    return this.#chunkOf(this.#chunks.shift()!, this.#held)
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #chunkOf(chunk: RawChunk, { bytes, spans, rows }: Decoded): RawChunk {
    this.#reader.open(rows, bytes)
    return {
      bytes,
      spans,
      count: chunk.count,
      origin: chunk.origin,
      rejected: chunk.rejected,
      rows: this.#reader,
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
function copyOf(chunk: RawChunk, spare: Decoded | undefined): ToDecode {
  const length = lengthOf(chunk)
  const from = chunk.spans[0]
  const bytes = roomFor(Uint8Array, spare?.bytes, length)
  bytes.set(chunk.bytes.subarray(from, from + length))
  const spans = roomFor(Int32Array, spare?.spans, chunk.count * 2)
  for (let index = 0; index < chunk.count * 2; index++) spans[index] = chunk.spans[index] - from
  return { bytes, spans, count: chunk.count, room: spare?.rows ?? null }
}

type Numbers = Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer>

function roomFor<T extends Numbers>(Type: new (length: number) => T, spare: T | undefined, length: number): T {
  return spare !== undefined && spare.length >= length ? spare : new Type(Math.ceil(length * 1.25))
}
