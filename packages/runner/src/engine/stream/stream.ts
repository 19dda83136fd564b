import type { Cause, Report, Source, StreamSource } from '@engage-sync/core'
import { entryOf, SyncError } from '@engage-sync/core'
import { causeOf } from '../../process/cause.ts'
import { HeldLease, sleep } from '../durable/index.ts'
import type { RunResult } from '../finish.ts'
import { causeOfStops } from '../guards/index.ts'
import { runUnder } from '../run.ts'
import { Feed } from './feed.ts'
import type { FedChunk } from './feed.ts'
import { recordsOf } from './kept-chunk.ts'
import { MAX_WINDOW_RECORDS } from './options.ts'
import type { StreamOptions } from './options.ts'
import { backOffMs, passes } from './patience.ts'
import { StatusBoard } from './status-board.ts'
import type { StreamStatus } from './status.ts'
import { windowSource } from './window-source.ts'

/** How long a window under way may take to end once the stream is to, milliseconds. */
const DRAIN_MS = 5000

/** How a stream ended. */
export interface StreamEnd {
  /** Of its last run; null where there was none. */
  readonly report: Report | null
}

/** Sources that go on, followed into the destination. */
export interface Stream {
  /**
   * Works until the signal aborts: catches up, then follows the sources window by window. What is
   * in flight then is finished, within ten seconds, and committed; the lease is released.
   *
   * Once. What may pass (a service that is down, a refused key, a guard, a full disk) is waited for.
   *
   * @throws {SyncError} what ends a process: `STATE_LEASE_LOST`, a state that cannot be read
   */
  run(signal: AbortSignal): Promise<StreamEnd>
  /** What it does now; cheap. */
  status(): StreamStatus
}

/**
 * Takes the environment's lease for a stream. Nothing is read before it runs.
 *
 * @throws {SyncError} `STATE_LEASE_HELD`, `STATE_UNAVAILABLE` and what else keeps it from starting
 */
export async function openStream(options: StreamOptions): Promise<Stream> {
  const streams = namedStreams(options)
  const { store, waitForLeaseMs: waitMs = 0, leaseTtlMs: ttlMs } = options
  const lease = await HeldLease.take(store, { waitMs, ttlMs, command: 'serve' })
  return new WindowStream(options, streams, lease)
}

/** By the name the syncs use. */
function namedStreams({ sources, streams }: StreamOptions): ReadonlyMap<string, StreamSource> {
  const names = new Map([...sources].map(([name, source]) => [source, name]))
  return new Map(
    streams.map((stream) => {
      const name = names.get(stream)
      if (name === undefined) throw new SyncError('INTERNAL', `No sync's source: ${stream.name}`)
      return [name, stream] as const
    }),
  )
}

class WindowStream implements Stream {
  readonly #options: StreamOptions
  readonly #streams: ReadonlyMap<string, StreamSource>
  readonly #lease: HeldLease
  readonly #board: StatusBoard
  #report: Report | null = null
  #tries = 0

  constructor(
    options: StreamOptions,
    streams: ReadonlyMap<string, StreamSource>,
    lease: HeldLease,
  ) {
    this.#options = options
    this.#streams = streams
    this.#lease = lease
    this.#board = new StatusBoard(options.now)
  }

  status(): StreamStatus {
    return this.#board.status()
  }

  async run(signal: AbortSignal): Promise<StreamEnd> {
    try {
      while (!signal.aborted) await this.#try(signal)
      this.#board.turn('ended')
      return { report: this.#report }
    } catch (error) {
      this.#board.turn('ended', causeOf(error))
      throw error
    } finally {
      await this.#lease.release()
    }
  }

  /** Catches up and follows, as long as nothing fails; then waits, so that it can be tried again. */
  async #try(signal: AbortSignal): Promise<void> {
    try {
      this.#board.turn('catching up')
      this.#take(await this.#run(this.#options.sources, signal))
      this.#tries = 0
      await this.#follow(signal)
    } catch (error) {
      if (signal.aborted && isAbort(error)) return
      const cause = error instanceof Stopped ? error.reason : causeOf(error)
      if (!(error instanceof Stopped) && !passes(error)) throw error
      this.#board.turn('waiting', cause)
      await sleep(backOffMs(++this.#tries), signal)
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const {
      store,
      now,
      windowMs,
      maxWindowRecords: maxRecords = MAX_WINDOW_RECORDS,
    } = this.#options
    const feed = new Feed({
      streams: this.#streams,
      from: await store.positions(),
      maxRecords,
      now,
    })
    const late = afterwards(signal, DRAIN_MS)
    this.#board.follow(feed)
    try {
      while (!signal.aborted) {
        this.#board.turn('running')
        await feed.arrived(1000, signal)
        if (signal.aborted) break
        const startedMs = now()
        await this.#window(feed.take(), late.signal)
        await sleep(windowMs - (now() - startedMs), signal)
      }
    } finally {
      late.clear()
      this.#board.follow(null)
      await feed.stop()
    }
  }

  async #window(taken: readonly FedChunk[], signal: AbortSignal): Promise<void> {
    if (taken.length === 0) return
    const { now, onWindow } = this.#options
    const startedMs = now()
    const sources = new Map(
      [...this.#options.sources.keys()].map((name) => [name, takenOf(this.#options, name, taken)]),
    )
    const { report } = this.#take(await this.#run(sources, signal))
    const window = {
      number: this.#board.status().windows + 1,
      startedMs,
      ms: now() - startedMs,
      records: taken.reduce((sum, { chunk }) => sum + recordsOf(chunk), 0),
      oldestMs: taken[0]?.cameMs ?? null,
      users: report.users.changed,
      requests: report.braze.requests,
      held: 0,
    }
    this.#board.window(window)
    onWindow?.(window)
    this.#tries = 0
  }

  #run(sources: ReadonlyMap<string, Source>, signal: AbortSignal): Promise<RunResult> {
    return runUnder(this.#lease, { ...this.#options, sources, signal }, this.#options.now())
  }

  /** @throws what ended a run, which is to be tried again */
  #take(result: RunResult): RunResult {
    this.#report = result.report
    this.#board.read(result.report.records)
    if (result.failure !== null) throw result.failure
    if (result.stops.length > 0) throw new Stopped(causeOfStops(result.stops))
    return result
  }
}

/** Guards stopped it: nothing was sent. */
class Stopped extends Error {
  override name = 'Stopped'
  readonly reason: Cause

  constructor(reason: Cause) {
    super(reason.message)
    this.reason = reason
  }
}

function takenOf(
  { sources }: Pick<StreamOptions, 'sources'>,
  name: string,
  taken: readonly FedChunk[],
): Source {
  const chunks = taken.filter(({ source }) => source === name).map(({ chunk }) => chunk)
  return windowSource(entryOf(sources, name).name, chunks)
}

/** A signal that aborts some time after another one. */
function afterwards(
  signal: AbortSignal,
  ms: number,
): { readonly signal: AbortSignal; readonly clear: () => void } {
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const start = () => {
    timer = setTimeout(() => late.abort(), ms)
  }
  signal.addEventListener('abort', start, { once: true })
  const clear = () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', start)
  }
  return { signal: late.signal, clear }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
