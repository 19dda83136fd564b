import type { Lease, StateStore } from '@engage-sync/core'
import { SyncError } from '@engage-sync/core'
import { isSyncError } from '../../process/sync-error.ts'
import { OWNED_FORMAT } from '../../state/format/migrations.ts'
import { ownerText } from '../../state/format/owner-text.ts'
import { loan } from '../../state/values/loan.ts'
import type { StoredValue } from '../../state/values/named-value.ts'
import { isOwnerGone, sleep } from '../durable/index.ts'
import { watchFor } from './watch-for.ts'
import type { Watched } from './watch-for.ts'

/** A borrower that was not heard of for so long has ended, milliseconds. */
const TTL_MS = 10_000
/** How often workers look whether somebody asks, milliseconds. */
const LOOK_MS = 300
/** How often a borrower looks whether they have ended, milliseconds. */
const GONE_MS = 100
/** What a worker takes the lease as that brings the state in line; it ends when it is asked, too. */
export const IN_LINE = 'serve worker'
/** How often a request is written anew where somebody else joined meanwhile. */
const TRIES = 10

/** How an environment is borrowed from its workers. */
export interface Borrowing {
  /** Who asks, as the owner of a lease. */
  readonly borrower: string
  /** How long workers may take to end their windows, milliseconds. */
  readonly patienceMs: number
  readonly signal: AbortSignal
}

/**
 * Who asked the workers of a state to keep out of it; null for nobody who is still there.
 *
 * @param self - whose own request is none. Default: nobody's
 */
export async function borrowerOf(store: StateStore, self?: string): Promise<string | null> {
  const asked = await loan.read(store)
  if (asked === null || asked.borrower === self || isOwnerGone(asked.borrower)) return null
  const { nowMs } = await store.fleet()
  return asked.untilMs > nowMs ? asked.borrower : null
}

/** Waits until somebody asks. @param isMeant - of who asks. Default: anybody */
export function watchLoans(
  store: StateStore,
  isMeant: (borrower: string) => boolean = () => true,
): Watched {
  const isAsked = async () => {
    const borrower = await borrowerOf(store)
    return borrower !== null && isMeant(borrower)
  }
  return watchFor(isAsked, LOOK_MS)
}

/** Waits until nobody borrows the state, and nobody works alone on it. @param told - who does, at each look */
export async function untilReturned(
  store: StateStore,
  { signal, told }: { readonly signal: AbortSignal; readonly told: (borrower: string) => void },
): Promise<void> {
  while (!signal.aborted) {
    const by = (await borrowerOf(store)) ?? (await store.currentLease())?.owner ?? null
    if (by === null) return
    told(by)
    await sleep(LOOK_MS, signal)
  }
}

/**
 * Asks the workers of a state to end their windows, and waits until they have; they join again once
 * it is given back, or its borrower has ended without a word. Where none is there now, one that
 * starts meanwhile waits.
 *
 * Shape: null where there can be none: somebody else works alone, or the state knows no workers.
 *
 * @throws {SyncError} `SERVE_NOT_HANDED_OVER` when they do not end, or somebody else asked before
 */
export async function borrowFromWorkers(
  store: StateStore,
  borrowing: Borrowing,
): Promise<Borrowed | null> {
  if (store.info.format < OWNED_FORMAT) return null
  const lease = await store.currentLease()
  if (lease !== null && !isWorkers(lease)) return null
  const other = await borrowerOf(store)
  if (other !== null && other !== borrowing.borrower)
    throw notHandedOver(`${ownerText(other)} borrows it already`)
  const borrowed = new Borrowed(store, borrowing.borrower)
  try {
    await borrowed.say()
    await untilGone(store, borrowing)
    return borrowed
  } catch (error) {
    await borrowed.giveBack()
    throw error
  }
}

/** A state whose workers keep out of it, for as long as its borrower lives. */
export class Borrowed {
  readonly #store: StateStore
  readonly #borrower: string
  readonly #timer: NodeJS.Timeout

  constructor(store: StateStore, borrower: string) {
    this.#store = store
    this.#borrower = borrower
    this.#timer = setInterval(() => void this.#renew().catch(() => undefined), TTL_MS / 4)
    this.#timer.unref()
  }

  async say(): Promise<void> {
    const { nowMs } = await this.#store.fleet()
    await writeBeside(this.#store, [
      loan.stored({ borrower: this.#borrower, untilMs: nowMs + TTL_MS }),
    ])
  }

  /** Any number of times; where it fails, the time of the loan ends it. */
  async giveBack(): Promise<void> {
    clearInterval(this.#timer)
    const isOwn = async () => (await loan.read(this.#store))?.borrower === this.#borrower
    try {
      if (await isOwn()) await writeBeside(this.#store, [loan.cleared])
    } catch {
      // Nobody hears of a borrower that has ended.
    }
  }

  /** Whoever holds the lease keeps the workers out by that, and its commits must stay the only ones. */
  async #renew(): Promise<void> {
    if ((await this.#store.currentLease()) === null) await this.say()
  }
}

/** Workers may join after they looked whether somebody asks: they are to be gone twice in a row. */
async function untilGone(store: StateStore, { patienceMs, signal }: Borrowing): Promise<void> {
  const deadline = performance.now() + patienceMs
  for (let looks = 0; looks < 2;) {
    signal.throwIfAborted()
    const workers = await workersOf(store)
    looks = workers.length === 0 ? looks + 1 : 0
    if (performance.now() > deadline)
      throw notHandedOver(`${workers.map(ownerText).join(', ') || 'somebody'} did not end in time`)
    await sleep(GONE_MS, signal)
  }
}

/** Those who are there, and one that works alone before they join. */
async function workersOf(store: StateStore): Promise<readonly string[]> {
  const { workers, nowMs } = await store.fleet()
  const lease = await store.currentLease()
  const members = workers.filter(({ expiresAt }) => expiresAt > nowMs).map(({ worker }) => worker)
  const all = lease !== null && isWorkers(lease) ? [...members, lease.owner] : members
  return all.filter((worker) => !isOwnerGone(worker))
}

function isWorkers({ owner }: Lease): boolean {
  return isWorker(owner)
}

/** Whether somebody who works alone, or asks to, is one of the workers. */
export function isWorker(owner: string): boolean {
  return owner.endsWith(`(${IN_LINE})`)
}

/** Writes values while others work, who may change meanwhile. */
export async function writeBeside(
  store: StateStore,
  values: readonly StoredValue[],
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      const { epoch } = await store.fleet()
      return await store.commit({ epoch, values })
    } catch (error) {
      const isLost = isSyncError(error) && error.code === 'STATE_LEASE_LOST'
      if (!isLost || tries === TRIES) throw error
    }
  }
}

function notHandedOver(why: string): SyncError {
  return new SyncError(
    'SERVE_NOT_HANDED_OVER',
    `The workers do not hand the environment over: ${why}`,
    { hint: 'See who works with `engage-sync state show`; look at the /readyz of each.' },
  )
}
