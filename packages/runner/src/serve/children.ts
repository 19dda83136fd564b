import { SyncError } from '@engage-sync/core'
import { sleep } from '../engine/durable/index.ts'
import { endStarted } from '../process/end-started.ts'
import type { Io, Started } from '../process/io.ts'
import type { Teller } from './teller.ts'

/** How long a worker that ended is waited for before it is started again; doubled up to the most, milliseconds. */
const RESTART = { first: 500, most: 30_000 }
/** One that lasted so long is started again as soon as the first time, milliseconds. */
const STEADY_MS = 60_000
/** One that is asked to end does so within this, milliseconds; it gives what is in flight ten seconds. */
const PATIENCE_MS = 20_000

/** Worker processes beside this one: one that ends is started again, until all are to end. */
export class Children {
  readonly #start: (argv: readonly string[]) => Started
  readonly #argv: readonly string[]
  readonly #teller: Pick<Teller, 'say'>
  readonly #running = new Set<Started>()
  readonly #stop = new AbortController()

  /** @param argv - the command line of a worker @throws {SyncError} `INTERNAL` where no program can be started */
  constructor(io: Io, argv: readonly string[], teller: Pick<Teller, 'say'>) {
    const { another } = io
    if (another === undefined)
      throw new SyncError('INTERNAL', 'Workers cannot be started from within another program')
    this.#start = another
    this.#argv = argv
    this.#teller = teller
  }

  start(count: number): void {
    for (let left = count; left > 0; left--) void this.#keep()
  }

  /** Tells all to read their configuration anew. */
  hangUp(): void {
    for (const child of this.#running) child.hangUp()
  }

  /** Asks all to end, and waits until they have. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await endStarted(this.#running, PATIENCE_MS)
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stop
    let delayMs = RESTART.first
    while (!signal.aborted) {
      const startedAt = performance.now()
      const child = this.#start(this.#argv)
      this.#running.add(child)
      const code = await child.ended
      this.#running.delete(child)
      if (signal.aborted) return
      if (performance.now() - startedAt > STEADY_MS) delayMs = RESTART.first
      const how = code === null ? 'was killed' : `ended with exit code ${code}`
      this.#teller.say(`worker ${child.pid} ${how}; another one is started`)
      await sleep(delayMs, signal)
      delayMs = Math.min(delayMs * 2, RESTART.most)
    }
  }
}
