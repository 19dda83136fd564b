import type { Fleet } from '@engage-sync/core'
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

type LookoutOptions = Pick<WorkerOptions, 'store' | 'streams' | 'now' | 'onReturned'>

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

  constructor(options: LookoutOptions) {
    this.#options = options
  }

  status(): WorkerStatus {
    return {
      ...emptyStatus(this.#options.now()),
      state: 'running',
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
      await this.#look().catch(() => undefined)
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
    if (wasLent && !this.#isLent) onReturned?.()
  }
}
