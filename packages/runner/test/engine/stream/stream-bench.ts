import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { RawChunk, SourcePosition, StreamSource } from '@engage-sync/core'
import { openStream } from '../../../src/engine/stream/index.ts'
import type { Stream, StreamOptions } from '../../../src/engine/stream/index.ts'
import { Bench, eventText, listSource } from '../harness.ts'
import type { TestEvent } from '../harness.ts'

/** So often it is looked at once whether something holds. */
const SOON = 20

/** A source over texts in memory that grows; positions are indexes. */
export class GrowingSource implements StreamSource {
  readonly name = 'grows'
  readonly texts: string[] = []
  #wake: () => void = () => undefined
  readonly #list: ReturnType<typeof listSource>
  readonly readBefore: NonNullable<StreamSource['readBefore']>
  readonly readBetween: NonNullable<StreamSource['readBetween']>

  /** @param chunkSize - records that a window takes as one, at most */
  constructor(chunkSize = 7) {
    this.#list = listSource(() => this.texts, chunkSize)
    this.readBefore = this.#list.readBefore
    this.readBetween = this.#list.readBetween
  }

  add(events: readonly TestEvent[]): void {
    this.texts.push(...events.map(eventText))
    this.#wake()
  }

  read(from: SourcePosition | null, signal: AbortSignal): AsyncIterable<RawChunk> {
    return this.#list.read(from, signal)
  }

  async *follow(from: SourcePosition | null, signal: AbortSignal): AsyncGenerator<RawChunk> {
    for (let at = Number(from ?? 0); !signal.aborted;) {
      const grown = new Promise<void>((resolve) => (this.#wake = resolve))
      for await (const chunk of this.#list.read(at, new AbortController().signal)) {
        yield chunk
        at = Number(chunk.position)
      }
      const ended = new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      )
      if (!signal.aborted && at === this.texts.length) await Promise.race([grown, ended])
    }
  }
}

/** A stream under way over a state of its own. */
export interface Running {
  readonly stream: Stream
  readonly ended: ReturnType<Stream['run']>
  /** Resolves once all that came is committed, though users may wait. */
  taken(): Promise<void>
  /** Resolves once nobody waits either. */
  settled(): Promise<void>
  /** Takes its lease away, as from a process that died: nothing it does from now on is kept. */
  kill(): Promise<void>
  /** Ends it as a signal would; resolves once it ended. */
  stop(): ReturnType<Stream['run']>
}

/** An environment of the tests with a source that grows. */
export class StreamBench extends Bench {
  source = new GrowingSource()

  streamOptions(store: StreamOptions['store'], more: Partial<StreamOptions> = {}): StreamOptions {
    return {
      ...this.options(store),
      sources: new Map([['engage', this.source]]),
      streams: [this.source],
      windowMs: 0,
      retryMs: 1,
      ...more,
    }
  }

  /** Opens the stream over the state, does something while it runs, and stops it. */
  async streaming<T>(
    work: (running: Running) => Promise<T>,
    more: Partial<StreamOptions> = {},
  ): Promise<T> {
    return await this.withStore(async (store) => {
      const stream = await openStream(this.streamOptions(store, more))
      const controller = new AbortController()
      let isKilled = false
      const ended = stream.run(controller.signal)
      ended.catch(() => undefined)
      const stop = () => {
        controller.abort()
        return ended
      }
      const taken = async () => {
        await until(() => stream.status().state === 'running')
        const turn = turns()
        while (((await store.positions()).get('engage') ?? 0) !== this.source.texts.length)
          await turn()
      }
      const settled = async () => {
        await taken()
        await until(() => {
          const { state, heldUsers } = stream.status()
          return state === 'running' && heldUsers === 0
        })
      }
      const kill = async () => {
        isKilled = true
        await store.breakLease()
        controller.abort()
        await ended.catch(() => undefined)
      }
      try {
        return await work({ stream, ended, stop, taken, settled, kill })
      } finally {
        await (isKilled ? ended.catch(() => undefined) : stop())
      }
    })
  }
}

/** Waits until something holds; a test that never gets there runs into its own time limit. */
export async function until(holds: () => boolean): Promise<void> {
  const turn = turns()
  while (!holds()) await turn()
}

/** Lets others work: at first at once, then for a millisecond each time, which costs nothing. */
function turns(): () => Promise<unknown> {
  let count = 0
  return () => (count++ < SOON ? setImmediate() : sleep(1))
}
