import type { Cause, Fleet } from '@engage-sync/core'
import { PARTITIONS } from '@engage-sync/core'
import { causeOf } from '../../process/cause.ts'
import { frozenMappings } from '../stream/index.ts'
import type { StreamEnd, StreamStatus } from '../stream/index.ts'
import { fleetConfiguration, NO_CONFIGURATION } from '../../state/values/configuration.ts'
import { streamGuards } from '../../state/values/stream-guards.ts'
import { sleep } from '../durable/index.ts'
import { borrowerOf } from './loans.ts'
import { emptyStatus } from './status.ts'
import type { WorkerStatus } from './status.ts'
import { refuseAlone } from './worker-options.ts'
import type { Worker, WorkerOptions } from './worker-options.ts'

/** How often it is looked who works, milliseconds. */
const LOOK_MS = 1000
/** Partitions change hands within this; whose nobody is for longer is told, milliseconds. */
const UNOWNED_MS = 10_000

interface LookoutOptions extends Pick<WorkerOptions, 'store' | 'streams' | 'now' | 'onReturned'> {
  /** How long partitions may be nobody's before it is told, milliseconds. Default 10,000. */
  readonly unownedMs?: number
}

type Reason = Pick<Cause, 'code' | 'message' | 'hint'>

/** What receives for workers, and works on nothing: it looks who they are, and what is frozen for all of them. */
export function openLookout(options: LookoutOptions): Worker {
  refuseAlone(options)
  return new Lookout(options)
}

class Lookout implements Worker {
  readonly #options: LookoutOptions
  #fleet: Fleet | null = null
  #current = NO_CONFIGURATION
  #frozen: StreamStatus['frozen'] = []
  #isLent = false
  /** Why it does not know how the others stand; null where it does. */
  #away: Reason | null = null
  /** How many partitions nobody works on, and since when; null where there are none. */
  #unowned: { readonly count: number; readonly at: number } | null = null

  constructor(options: LookoutOptions) {
    this.#options = options
  }

  status(): WorkerStatus {
    const reason = this.#away ?? this.#whyUnowned
    return {
      ...emptyStatus(this.#options.now()),
      state: reason === null ? 'running' : 'waiting',
      reason: reason === null ? null : { ...reason, place: null },
      frozen: this.#frozen,
      partitions: [],
      fleet: this.#fleet,
      configuration: this.#current,
    }
  }

  members(): null {
    return null
  }

  async run(signal: AbortSignal): Promise<StreamEnd> {
    while (!signal.aborted) {
      await this.#look().then(
        () => (this.#away = null),
        (error: unknown) => (this.#away = causeOf(error)),
      )
      await sleep(LOOK_MS, signal)
    }
    return { report: null }
  }

  async #look(): Promise<void> {
    const { store, onReturned } = this.#options
    this.#fleet = await store.fleet()
    this.#current = await fleetConfiguration.read(store)
    this.#frozen = frozenMappings((await streamGuards.read(store)).frozen)
    const wasLent = this.#isLent
    this.#isLent = (await borrowerOf(store)) !== null
    const isAlone = this.#isLent || (await store.currentLease()) !== null
    const count = isAlone ? 0 : unownedIn(this.#fleet)
    const at = this.#unowned?.at ?? performance.now()
    this.#unowned = count === 0 ? null : { count, at }
    if (wasLent && !this.#isLent) onReturned?.()
  }
  get #whyUnowned(): Reason | null {
    const { unownedMs = UNOWNED_MS } = this.#options
    if (this.#unowned === null || performance.now() - this.#unowned.at < unownedMs) return null
    return {
      code: 'SERVE_UNOWNED',
      message: `${this.#unowned.count} of ${PARTITIONS} partitions have no worker: what comes for their users is kept, and waits`,
      hint: 'Start workers, or look why they do not: `engage-sync state show` says who is there.',
    }
  }
}

/** How many partitions are those of nobody who was heard of in time. */
function unownedIn({ workers, owners, nowMs }: Fleet): number {
  const live = new Set(workers.flatMap((one) => (one.expiresAt > nowMs ? [one.worker] : [])))
  return owners.filter(({ worker }) => worker === null || !live.has(worker)).length
}
