import type { StateStore } from '@engage-sync/core'
import type { PartAnswer } from '../../state/values/part-values.ts'
import { isOwnerGone } from '../durable/index.ts'

/** Who does the parts that are started here. */
export interface Crew {
  /** How many parts the run has. */
  readonly of: number
  /** Starts those that are done here. */
  start(run: number): void
  /**
   * Starts a part once more. False where that makes no sense: it was not started here, its process was
   * not killed, or was too often.
   */
  again(number: number): boolean
  /** Numbers of the parts whose process ended, of those that were started here. */
  readonly ended: ReadonlySet<number>
  /** Asks all that were started to end, and waits until they have. */
  end(): Promise<void>
}

/** What is known of the parts of a run at one look. */
export interface Look {
  /** What each told last, by number. */
  readonly answers: ReadonlyMap<number, PartAnswer>
  /** Numbers of the parts whose process had ended before. */
  readonly ended: ReadonlySet<number>
  /** Workers that are there; null where that was not looked at. */
  readonly present: ReadonlySet<string> | null
  /** Whether one that is lost may be started again. */
  readonly mayStart: boolean
}

/** Which parts of a run were lost, and which of those are done by somebody else since. */
export class LostParts {
  readonly #store: StateStore
  readonly #crew: Crew
  readonly #lost = new Set<number>()
  /** Those who did parts that were started again: what they told counts no more. */
  readonly #gone = new Set<string>()
  readonly #again = new Set<number>()
  /** What all told at the last look. */
  #known: ReadonlyMap<number, PartAnswer> = new Map()

  constructor(store: StateStore, crew: Crew) {
    this.#store = store
    this.#crew = crew
  }

  /** Whether somebody is waited for no more. */
  has(number: number): boolean {
    return this.#lost.has(number)
  }

  /** Any of them, or null. */
  get any(): number | null {
    const [first = null] = this.#lost
    return first
  }

  /** Whether a part was started again. */
  isAgain(number: number): boolean {
    return this.#again.has(number)
  }

  /** Gives up a part. */
  give(number: number): void {
    this.#lost.add(number)
  }

  /** Notes who was lost since the last look, and starts again what may be; the numbers of those. */
  async note({ answers, ended, present, mayStart }: Look): Promise<readonly number[]> {
    const again: number[] = []
    for (let number = 1; number <= this.#crew.of; number++) {
      const answer = answers.get(number)
      if (this.has(number) || answer?.step === 'closed' || answer?.step === 'failed') continue
      // Who was there at the last look, is not now, and told nothing more.
      const known = this.#known.get(number)
      const isGone = known !== undefined && present?.has(known.worker) === false
      if (!isGone && !ended.has(number)) continue
      if (mayStart && (await this.#replace(number, answer))) again.push(number)
      else this.give(number)
    }
    this.#known = this.#ofThose(answers)
    return again
  }

  /** Who is there; those of this machine whose processes ended need not be waited for. */
  async present(): Promise<ReadonlySet<string>> {
    const { workers } = await this.#store.fleet()
    const gone = workers.filter(({ worker }) => isOwnerGone(worker))
    for (const worker of gone) await this.#store.bury(worker)
    return new Set(workers.filter((one) => !gone.includes(one)).map(({ worker }) => worker))
  }

  /** Whether somebody counts no more, since another one does the part. */
  isReplaced(worker: string): boolean {
    return this.#gone.has(worker)
  }

  /** The partitions of who is gone are free before somebody else asks for them. */
  async #replace(number: number, answer: PartAnswer | undefined): Promise<boolean> {
    await this.present()
    if (!this.#crew.again(number)) return false
    if (answer !== undefined) this.#gone.add(answer.worker)
    this.#again.add(number)
    return true
  }

  #ofThose(answers: Look['answers']): Look['answers'] {
    return new Map([...answers].filter(([, { worker }]) => !this.isReplaced(worker)))
  }
}
