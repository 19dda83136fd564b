import { hostname } from 'node:os'
import type { Lease, StateStore } from '@engage-sync/core'
import { SyncError } from '@engage-sync/core'

/** How long a lease lasts without renewal; a dead owner is taken over after that, milliseconds. */
const TTL_MS = 30_000
const RENEW_MS = 10_000
const RETRY_MS = 500

/** The lease of a run, renewed in the background until it is released. */
export class HeldLease {
  #lease: Lease
  readonly #store: StateStore
  readonly #timer: NodeJS.Timeout
  #lost: unknown = null

  private constructor(store: StateStore, lease: Lease) {
    this.#store = store
    this.#lease = lease
    this.#timer = setInterval(() => void this.#renew(), RENEW_MS)
    this.#timer.unref()
  }

  /**
   * Takes the lease, waiting for another run's for a while.
   *
   * @throws {SyncError} `STATE_LEASE_HELD` when it is still held after the wait
   */
  static async take(store: StateStore, waitMs: number): Promise<HeldLease> {
    const deadline = performance.now() + waitMs
    for (;;) {
      try {
        return new HeldLease(store, await store.acquireLease(`${hostname()}:${process.pid}`, TTL_MS))
      } catch (error) {
        const isHeld = error instanceof SyncError && error.code === 'STATE_LEASE_HELD'
        if (!isHeld || performance.now() >= deadline) throw error
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
  }

  /** The lease to commit under. */
  get current(): Lease {
    return this.#lease
  }

  async release(): Promise<void> {
    clearInterval(this.#timer)
    if (this.#lost === null) await this.#store.releaseLease(this.#lease)
  }

  /** A failed renewal is no error yet: the next commit will say whether the lease is lost. */
  async #renew(): Promise<void> {
    try {
      this.#lease = await this.#store.renewLease(this.#lease, TTL_MS)
    } catch (error) {
      this.#lost = error
    }
  }
}
