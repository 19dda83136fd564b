import type { Cause, FleetWorker, StateStore } from '@engage-sync/core'
import type { FleetConfiguration } from '../../state/values/configuration.ts'
import { sleep, takeLease } from '../durable/index.ts'
import type { HeldLease } from '../durable/index.ts'
import { settleRollout } from '../mappings/index.ts'
import { borrowFromWorkers, IN_LINE } from './loans.ts'
import type { Borrowed } from './loans.ts'
import { heldBySomebody } from './passing.ts'
import type { Rollouts } from './rollouts.ts'

/** How often it is tried to join while somebody else works alone, milliseconds. */
export const RETRY_MS = 300
/** How long workers may take to end their windows, milliseconds. */
const PATIENCE_MS = 30_000
/** Once nobody was there for so long who has the newest configuration, a former one is it again, milliseconds. */
export const FORSAKEN_MS = 15_000

/** How a worker comes to be one. */
export interface ApproachOptions {
  readonly store: StateStore
  readonly rollouts: Rollouts
  /** Whom it borrows the environment as. */
  readonly borrower: string
  readonly forsakenMs: number
  /** The configuration this process went by last: one that others left behind comes back to none of them. */
  readonly known: { fingerprint: string | null }
  /** Brings the state in line under the lease, which stays held. */
  readonly alone: (lease: HeldLease, signal: AbortSignal) => Promise<void>
  readonly waits: (reason: Pick<Cause, 'code' | 'message' | 'hint'>) => void
}

/** What is to be done next. */
type Step = 'join' | 'wait' | 'borrow' | 'alone'

/**
 * The way of a worker to the others: with those of its configuration, beside those of the former one,
 * or, where that cannot be, alone first, while they keep out.
 */
export class Approach {
  readonly #options: ApproachOptions
  /** What it has cannot be rolled out beside the others. */
  #mustBeAlone = false
  /** Which configuration nobody was there with, by its number, and since when; null while somebody is. */
  #forsaken: { readonly epoch: number; readonly at: number } | null = null

  constructor(options: ApproachOptions) {
    this.#options = options
  }

  /** The others are to keep out for a while: its configuration goes no other way. */
  insist(): void {
    this.#mustBeAlone = true
  }

  get insists(): boolean {
    return this.#mustBeAlone
  }

  /** Whether nobody has been there for long who has the newest configuration. */
  isForsaken(workers: readonly FleetWorker[], { fingerprint, epoch }: FleetConfiguration): boolean {
    const isServed = workers.some((one) => one.fingerprint === fingerprint)
    const before = this.#forsaken?.epoch === epoch ? this.#forsaken : null
    this.#forsaken = isServed ? null : (before ?? { epoch, at: performance.now() })
    const { forsakenMs } = this.#options
    return this.#forsaken !== null && performance.now() - this.#forsaken.at >= forsakenMs
  }

  /** Resolves once it may join. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, borrower, alone } = this.#options
    let borrowed: Borrowed | null = null
    try {
      while (!signal.aborted) {
        const step = await this.#next()
        if (step === 'join') return
        if (step === 'borrow')
          borrowed ??= await borrowFromWorkers(store, {
            borrower,
            patienceMs: PATIENCE_MS,
            signal,
          })
        if (step === 'alone') {
          const lease = await takeLease(store, { waitMs: 0, command: IN_LINE }).catch(
            heldBySomebody,
          )
          if (lease !== null) return await this.#alone(lease, { alone, signal })
        }
        await sleep(RETRY_MS, signal)
      }
    } finally {
      await borrowed?.giveBack()
    }
  }

  async #alone(
    lease: HeldLease,
    { alone, signal }: Pick<ApproachOptions, 'alone'> & { readonly signal: AbortSignal },
  ): Promise<void> {
    const { store, rollouts } = this.#options
    try {
      await settleRollout(store, lease.current, rollouts.fingerprint)
      await alone(lease, signal)
      if (signal.aborted) return
      await rollouts.adopt(lease.current.epoch)
      this.#mustBeAlone = false
    } finally {
      await lease.release()
    }
  }

  async #next(): Promise<Step> {
    const { store, rollouts, known, waits } = this.#options
    const { workers, nowMs } = await store.fleet()
    const others = workers.filter(({ expiresAt }) => expiresAt > nowMs)
    const current = await rollouts.read()
    const standing = rollouts.standing(current)
    const { fingerprint } = rollouts
    const isLeftBehind =
      standing === 'other' && known.fingerprint === fingerprint && current.fingerprint !== ''
    if (isLeftBehind && !this.isForsaken(others, current)) {
      waits(LEFT_BEHIND)
      return 'wait'
    }
    // Somebody else made it the newest meanwhile.
    if (standing === 'newest') this.#mustBeAlone = false
    if (others.length === 0) return 'alone'
    if (this.#mustBeAlone) return 'borrow'
    if (standing !== 'other' || others.every((one) => one.fingerprint === fingerprint))
      return 'join'
    const isServed = others.some((one) => one.fingerprint === current.fingerprint)
    return isServed && !isLeftBehind ? 'join' : 'borrow'
  }
}

const LEFT_BEHIND = {
  code: 'STATE_LEASE_HELD',
  message: 'Workers with a newer configuration are there',
  hint: 'Deploy it here, too, or stop this worker; it joins once they are gone.',
}
