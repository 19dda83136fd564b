import { setTimeout as sleep } from 'node:timers/promises'
import { SyncError } from '@engage-sync/core'
import type { Crew } from '../engine/parts/index.ts'
import type { Io, Started } from '../process/io.ts'

/** A part that is told to end does so within this, milliseconds; after it its process is asked, and then made to. */
const PATIENCE_MS = 15_000

/** How a run is done by processes beside this one. */
export interface ChildCrewOptions {
  /** How many parts the run has. */
  readonly of: number
  /** So many are started here, from the first on; others join from elsewhere. */
  readonly here: number
  /** The command line of a part. */
  readonly argvOf: (part: { readonly number: number; readonly run: number }) => readonly string[]
}

/** Processes of this program, each of them one part of a run. */
export class ChildCrew implements Crew {
  readonly of: number
  readonly ended = new Set<number>()
  readonly #options: ChildCrewOptions
  readonly #another: NonNullable<Io['another']>
  readonly #running = new Set<Started>()
  #all: readonly Promise<unknown>[] = []

  /** @throws {SyncError} `INTERNAL` where no program can be started */
  constructor({ another }: Pick<Io, 'another'>, options: ChildCrewOptions) {
    if (another === undefined)
      throw new SyncError(
        'INTERNAL',
        'Parts of a run cannot be started from within another program',
      )
    this.#another = another
    this.of = options.of
    this.#options = options
  }

  start(run: number): void {
    this.#all = Array.from({ length: this.#options.here }, (_, at) => this.#follow(at + 1, run))
  }

  async end(): Promise<void> {
    // They were told through the state: a signal is for those who do not hear that.
    for (let asked = 0; asked <= 2 && this.#running.size > 0; asked++) {
      if (asked > 0) for (const child of this.#running) child.stop()
      const late = new AbortController()
      await Promise.race([
        Promise.all(this.#all),
        sleep(PATIENCE_MS, undefined, { signal: late.signal }).catch(() => undefined),
      ])
      late.abort()
    }
  }

  async #follow(number: number, run: number): Promise<void> {
    const child = this.#another(this.#options.argvOf({ number, run }))
    this.#running.add(child)
    await child.ended
    this.#running.delete(child)
    this.ended.add(number)
  }
}
