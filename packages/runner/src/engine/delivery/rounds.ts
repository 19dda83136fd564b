import type { Destination } from '@engage-sync/core'
import { killPoint } from '../../process/kill-points.ts'
import { NOTHING_RECOVERED, unreportedRecovery } from '../../state/values/values.ts'
import type { MarkedEvent } from '../../state/values/mark-intent.ts'
import type { Recovered } from '../../state/values/values.ts'
import { addDecided, decideRequests } from '../durable/index.ts'
import type { Committer, Deciding } from '../durable/index.ts'
import type { RowAt } from './delivery-inputs.ts'
import { isDecidable } from './open-request.ts'
import type { OpenEvent, OpenRequest } from './open-request.ts'
import type { RowOutcomes } from './row-outcomes.ts'

/** How often the rows of one pass are gone back to. */
const MOST_ROUNDS = 3
/** How long a run spends on deciding in all, milliseconds. */
const MOST_MS = 300_000

/** What decides the requests a run has no answer to, and where the decisions become durable. */
export interface RoundsInputs extends Pick<Deciding, 'onUnknown' | 'signal' | 'onVerifying'> {
  readonly destination: Destination
  readonly committer: Committer
  readonly outcomes: RowOutcomes
  /** What was decided of earlier runs, and is reported with this one. */
  readonly recovered: Recovered
}

/** What a run left without an answer and then decided. */
export interface RoundsEnded {
  /** All decisions, those about earlier runs among them. */
  readonly recovered: Recovered
  readonly rounds: number
  readonly requests: number
  readonly seconds: number
  /** What kept it from asking the destination, or null. */
  readonly failure: unknown
}

/** A run that sends nothing. */
export const NOTHING_DECIDED: RoundsEnded = {
  recovered: NOTHING_RECOVERED,
  rounds: 0,
  requests: 0,
  seconds: 0,
  failure: null,
}

/** What one more try leaves alone, since it could not be decided. */
export interface Round {
  readonly open: readonly OpenRequest[]
  /** By `partition:row`. */
  readonly rows: ReadonlySet<string>
}

/**
 * Goes back to requests without an answer before the run ends: decides them, makes that durable,
 * and lets what waited be sent. At most three rounds over the same rows, and five minutes in all,
 * by a clock nobody sets; what is left then is the next run's.
 */
export class Rounds {
  readonly #inputs: RoundsInputs
  #recovered: Recovered
  #rounds = 0
  #requests = 0
  #spentMs = 0
  #failure: unknown = null

  constructor(inputs: RoundsInputs) {
    this.#inputs = inputs
    this.#recovered = inputs.recovered
  }

  get ended(): RoundsEnded {
    const seconds = Math.round(this.#spentMs) / 1000
    return {
      recovered: this.#recovered,
      rounds: this.#rounds,
      requests: this.#requests,
      seconds,
      failure: this.#failure,
    }
  }

  /**
   * Decides what can be, makes it durable, and takes back what waited for it. Null when there is no
   * other round.
   *
   * @param round - over the same rows, from 1
   * @param open - in the order they were sent; none where only joining aliases has no answer
   */
  async next(round: number, open: readonly OpenRequest[]): Promise<Round | null> {
    const { signal, committer, outcomes } = this.#inputs
    if (round > MOST_ROUNDS || this.#failure !== null) return null
    const startedAt = performance.now()
    const decided = await this.#decide(open.filter(isDecidable))
    this.#spentMs += performance.now() - startedAt
    if (decided === null || signal.aborted || (decided.size === 0 && open.length > 0)) return null
    const left = open.filter((request) => !decided.has(request))
    const leftRows = new Set(
      left.flatMap(({ events }) => events.map(({ flight }) => keyOf(flight))),
    )
    outcomes.deferred.retake((place) => leftRows.has(keyOf(place)))
    for (const [{ mark, events }, applied] of decided) {
      this.#take(events, applied)
      committer.closeMark(mark)
    }
    this.#rounds++
    this.#requests += decided.size
    committer.setValue(unreportedRecovery.stored(this.#recovered))
    killPoint('in-round')
    await committer.flush()
    killPoint('after-round')
    return { open: left, rows: leftRows }
  }

  /**
   * The events that are taken as delivered, of each request that is decided; null where none can
   * be.
   */
  async #decide(
    requests: readonly OpenRequest[],
  ): Promise<ReadonlyMap<OpenRequest, ReadonlySet<MarkedEvent>> | null> {
    const since = new Map<MarkedEvent, number>()
    for (const { events, sinceMs } of requests)
      for (const { event } of events) since.set(event, sinceMs)
    const ageOf = (event: MarkedEvent) => performance.now() - since.get(event)!
    const mostWaitMs = Math.max(0, MOST_MS - this.#spentMs)
    const events = requests.map((request) => request.events.map(({ event }) => event))
    try {
      const { applied, open } = await decideRequests({ ...this.#inputs, ageOf, mostWaitMs }, events)
      return new Map(
        requests.flatMap((request, place) => (open.has(place) ? [] : [[request, applied]])),
      )
    } catch (error) {
      if (!this.#inputs.signal.aborted) this.#failure = error
      return null
    }
  }

  #take(events: readonly OpenEvent[], applied: ReadonlySet<MarkedEvent>): void {
    const { outcomes, onUnknown } = this.#inputs
    const open = events.filter(({ isOpen }) => isOpen)
    const taken = open.filter(({ event }) => applied.has(event))
    for (const { flight, ref } of taken) outcomes.decided(flight, ref)
    const counts = { marks: 1, events: open.length, applied: taken.length }
    this.#recovered = addDecided(this.#recovered, { onUnknown, ...counts })
  }
}

function keyOf({ open, row }: RowAt): string {
  return `${open.rows.number}:${row}`
}
