import type { RawChunk, SourcePosition, StreamSource } from '@engage-sync/core'
import { keptChunk, recordsOf } from './kept-chunk.ts'

/** More bytes than this make a window, however few records they are. */
const MAX_WINDOW_BYTES = 64 * 2 ** 20
/** Windows that are held in memory at most; the sources wait beyond that. */
const WINDOWS_AHEAD = 2

/** A chunk of one of the sources, as it came. */
export interface FedChunk {
  readonly source: string
  readonly chunk: RawChunk
  /** When it came, milliseconds since the epoch. */
  readonly cameMs: number
}

/** What is followed, and how far ahead. */
export interface FeedInputs {
  /** By the name the syncs use. */
  readonly streams: ReadonlyMap<string, StreamSource>
  /** Where each goes on; those that are left out begin at their beginning. */
  readonly from: ReadonlyMap<string, SourcePosition>
  readonly maxRecords: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Records that came and were not taken yet. */
export interface Backlog {
  readonly records: number
  readonly bytes: number
  /** When the oldest came, milliseconds since the epoch; null where there is none. */
  readonly oldestMs: number | null
}

/**
 * Follows sources into memory: what comes while a window is under way is the next one's.
 *
 * Each source's chunks stay in order. Beyond two windows the sources are not asked for more.
 */
export class Feed {
  readonly #inputs: FeedInputs
  readonly #controller = new AbortController()
  #queue: FedChunk[] = []
  #records = 0
  #bytes = 0
  #failure: unknown = null
  #wake: () => void = () => undefined
  #more: (() => void)[] = []
  readonly #pulls: Promise<void>[]

  constructor(inputs: FeedInputs) {
    this.#inputs = inputs
    this.#pulls = [...inputs.streams].map(([name, stream]) => this.#pull(name, stream))
  }

  /**
   * Waits until something came, for a while at most.
   *
   * @throws what ended a source
   */
  async arrived(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#queue.length === 0 && this.#failure === null && !signal.aborted)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => this.#wake(), ms)
        this.#wake = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', this.#wake)
          this.#wake = () => undefined
          resolve()
        }
        signal.addEventListener('abort', this.#wake, { once: true })
      })
    if (this.#queue.length === 0 && this.#failure !== null) throw this.#failure
  }

  /** Ends the wait for something to come. */
  nudge(): void {
    this.#wake()
  }

  /** What the next window takes: whole chunks, as many as fit, and one at least. */
  take(): readonly FedChunk[] {
    let records = 0
    let bytes = 0
    let count = 0
    for (const { chunk } of this.#queue) {
      records += recordsOf(chunk)
      bytes += chunk.bytes.length
      if (count > 0 && (records > this.#inputs.maxRecords || bytes > MAX_WINDOW_BYTES)) break
      count++
    }
    const taken = this.#queue.splice(0, count)
    for (const { chunk } of taken) {
      this.#records -= recordsOf(chunk)
      this.#bytes -= chunk.bytes.length
    }
    for (const resolve of this.#more.splice(0)) resolve()
    return taken
  }

  get backlog(): Backlog {
    const [oldest] = this.#queue
    return {
      records: this.#records,
      bytes: this.#bytes,
      oldestMs: oldest === undefined ? null : oldest.cameMs,
    }
  }

  /** Ends the reading; what was not taken is read again by whoever comes next. */
  async stop(): Promise<void> {
    this.#controller.abort()
    for (const resolve of this.#more.splice(0)) resolve()
    await Promise.all(this.#pulls)
  }

  async #pull(source: string, stream: StreamSource): Promise<void> {
    const { from, now } = this.#inputs
    const { signal } = this.#controller
    try {
      for await (const chunk of stream.follow(from.get(source) ?? null, signal)) {
        const kept = keptChunk(chunk)
        this.#queue.push({ source, chunk: kept, cameMs: now() })
        this.#records += recordsOf(kept)
        this.#bytes += kept.bytes.length
        this.#wake()
        while (this.#isFull && !signal.aborted)
          await new Promise<void>((resolve) => this.#more.push(resolve))
        if (signal.aborted) return
      }
    } catch (error) {
      if (signal.aborted) return
      this.#failure = error
      this.#wake()
    }
  }

  get #isFull(): boolean {
    return (
      this.#records >= this.#inputs.maxRecords * WINDOWS_AHEAD ||
      this.#bytes >= MAX_WINDOW_BYTES * WINDOWS_AHEAD
    )
  }
}
