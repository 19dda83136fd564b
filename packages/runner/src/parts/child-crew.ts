import { SyncError } from '@engage-sync/core'
import type { Crew } from '../engine/parts/index.ts'
import { endStarted, untilEnded } from '../process/end-started.ts'
import type { Io, Started } from '../process/io.ts'

/** A part that is told to end does so within this, milliseconds; after it its process is asked, and then made to. */
const PATIENCE_MS = 15_000
/** So often a part is started again whose process was killed. */
const MOST_AGAIN = 3

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
  /** How often the process of a part was killed. */
  readonly #killed = new Map<number, number>()
  /** Parts whose last process was killed, and no other was started. */
  readonly #fallen = new Set<number>()
  #run = 0
  readonly #options: ChildCrewOptions
  readonly #another: NonNullable<Io['another']>
  readonly #running = new Set<Started>()

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
    this.#run = run
    for (let number = 1; number <= this.#options.here; number++) void this.#follow(number)
  }

  again(number: number): boolean {
    if (!this.#fallen.has(number) || (this.#killed.get(number) ?? 0) > MOST_AGAIN) return false
    this.#fallen.delete(number)
    this.ended.delete(number)
    void this.#follow(number)
    return true
  }

  async end(): Promise<void> {
    // They were told through the state: they are asked here who do not hear that.
    await untilEnded(this.#running, PATIENCE_MS)
    await endStarted(this.#running, PATIENCE_MS)
  }

  async #follow(number: number): Promise<void> {
    const child = this.#another(this.#options.argvOf({ number, run: this.#run }))
    this.#running.add(child)
    const code = await child.ended
    this.#running.delete(child)
    if (code === null) {
      this.#killed.set(number, (this.#killed.get(number) ?? 0) + 1)
      this.#fallen.add(number)
    }
    this.ended.add(number)
  }
}
