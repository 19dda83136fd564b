import type { Lease, StateStore } from '@engage-sync/core'
import { SyncError } from '@engage-sync/core'
import { loan } from '../../state/values/loan.ts'
import { isOwnerGone, ownerName } from './lease-owner.ts'
import { sleep } from './sleep.ts'

/**
 * How long a lease lasts without renewal by default; a dead owner is taken over after that,
 * milliseconds.
 */
const TTL_MS = 30_000
const RETRY_MS = 500

/** How a lease is taken. */
export interface LeaseOptions {
  /** How long another run's lease is waited for, milliseconds. */
  readonly waitMs: number
  /** How long it lasts without renewal, milliseconds. Default 30,000. */
  readonly ttlMs?: number
  /** What takes it, for whoever meets it. Default: a run. */
  readonly command?: string
  /** Ends the wait. Default: nothing does. */
  readonly signal?: AbortSignal | undefined
}

/** The right to write, while it is held. */
export interface HeldLease {
  /** What to commit under. */
  readonly current: Lease
  /** Others write at the same time, each to partitions of its own. Default: nobody does. */
  readonly isShared?: true
  /**
   * Makes sure it is still held before something leaves that no commit would stop.
   *
   * @throws {SyncError} `STATE_LEASE_LOST`
   */
  ensure(): Promise<void>
  /** Gives it back; a store that cannot be reached lets it lapse. */
  release(): Promise<void>
}

/**
 * Takes the environment's lease, waiting for another run's for a while, and for workers that lend it
 * to this process. One whose process is known to be gone is ended at once.
 *
 * @throws {SyncError} `STATE_LEASE_HELD` when it is still held after the wait; the reason of the signal that ended it
 */
export async function takeLease(
  store: StateStore,
  { waitMs, ttlMs = TTL_MS, command, signal = NEVER }: LeaseOptions,
): Promise<HeldLease> {
  const deadline = performance.now() + waitMs
  for (;;) {
    try {
      return new RenewedLease(store, await store.acquireLease(ownerName(command), ttlMs), ttlMs)
    } catch (error) {
      if (!(error instanceof SyncError && error.code === 'STATE_LEASE_HELD')) throw error
      if (await endDeadOwner(store)) continue
      if (performance.now() >= deadline && !(await isLent(store))) throw error
      await sleep(RETRY_MS, signal)
      signal.throwIfAborted()
    }
  }
}

/** Nobody ends a wait. */
const NEVER = new AbortController().signal

/**
 * Whether the workers were asked to keep out of it for this process: one that came in before it saw
 * that ends its window, and lets go.
 */
async function isLent(store: StateStore): Promise<boolean> {
  const asked = await loan.read(store)
  return asked?.borrower === ownerName() && asked.untilMs > (await store.fleet()).nowMs
}

/** The lease of a run, renewed in the background until it is released. */
class RenewedLease implements HeldLease {
  #lease: Lease
  readonly #store: StateStore
  readonly #ttlMs: number
  readonly #timer: NodeJS.Timeout
  #renewedAt = performance.now()

  constructor(store: StateStore, lease: Lease, ttlMs: number) {
    this.#store = store
    this.#lease = lease
    this.#ttlMs = ttlMs
    this.#timer = setInterval(() => void this.#renew().catch(() => undefined), ttlMs / 3)
    this.#timer.unref()
  }

  get current(): Lease {
    return this.#lease
  }

  /** A process that was frozen for longer than its lease finds out here that another one took over. */
  async ensure(): Promise<void> {
    if (performance.now() - this.#renewedAt > this.#ttlMs / 2) await this.#renew()
  }

  async release(): Promise<void> {
    clearInterval(this.#timer)
    await this.#store.releaseLease(this.#lease).catch(() => undefined)
  }

  async #renew(): Promise<void> {
    const startedAt = performance.now()
    this.#lease = await this.#store.renewLease(this.#lease, this.#ttlMs)
    this.#renewedAt = startedAt
  }
}

/**
 * Ends the lease of a process of this very machine that no longer runs; false when its owner may
 * live.
 *
 * Another run may be faster: its lease has another epoch, so this does not end it.
 */
async function endDeadOwner(store: StateStore): Promise<boolean> {
  const lease = await store.currentLease()
  if (lease === null) return await endDeadWorkers(store)
  if (!isOwnerGone(lease.owner)) return false
  await store.releaseLease(lease)
  return true
}

/** The same for workers that keep the lease from being taken; false when one of them may live. */
async function endDeadWorkers(store: StateStore): Promise<boolean> {
  const { workers } = await store.fleet()
  const gone = workers.filter(({ worker }) => isOwnerGone(worker))
  for (const worker of gone) await store.bury(worker)
  return gone.length === workers.length
}
