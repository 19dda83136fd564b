import type { Json } from '@engage-sync/contract'

/** Who commits: the owner of the environment's lease, or one worker of several. */
export interface Writer {
  readonly epoch: number
  /** The name it joined under. Default: the owner of the lease. */
  readonly worker?: string
}

/** What a worker says of itself when it joins. */
export interface WorkerCard {
  /** Unique among processes, as the owner of a lease. */
  readonly worker: string
  /** Where its desk is; null without one. */
  readonly url: string | null
  /** Of the configuration it works by. */
  readonly fingerprint: string
  /** How many partitions it takes at most; 0 for none. */
  readonly demand: number
}

/** What whoever holds the lease lets somebody work on beside it. */
export interface Admission {
  /** Of the lease. */
  readonly epoch: number
  /** One at least. */
  readonly partitions: readonly number[]
  readonly ttlMs: number
}

/** One of several processes that work on a state at once, each on partitions of its own. */
export interface Membership extends Required<Writer> {
  /** By the store's clock, milliseconds. */
  readonly expiresAt: number
}

/** A worker as the others see it. */
export interface FleetWorker extends WorkerCard, Membership {
  /** When it was heard of last, by the store's clock, milliseconds. */
  readonly seenAt: number
}

/** Whose a partition is. */
export interface PartitionOwner {
  readonly partition: number
  /** null where it is nobody's: it was given back, or its owner is gone. */
  readonly worker: string | null
  /** Who asked for it; null for nobody who is still there. */
  readonly wanted: string | null
}

/** Who works on a state, and on what of it. */
export interface Fleet {
  /** By name; empty while nobody works, or one process under the lease. */
  readonly workers: readonly FleetWorker[]
  /** Every partition, in order. */
  readonly owners: readonly PartitionOwner[]
  /** The store's clock when this was so, milliseconds. */
  readonly nowMs: number
  /** Of whoever took the lease, or joined, last: what is written beside all of them goes by it. */
  readonly epoch: number
}

/** What a worker learns by its beat. */
export interface Beat {
  readonly membership: Membership
  /** Partitions that are its own now, ascending: it alone may commit to them until it releases them or is lost. */
  readonly owned: readonly number[]
  /** Of these, which others wait for: it ends what is under way, and releases them. */
  readonly wanted: readonly number[]
  readonly fleet: Fleet
}

/**
 * What a value becomes, and what comes of that; null where it stays as it is.
 *
 * @param before - null where there is none
 * @param nowMs - the store's clock, milliseconds
 */
export type SharedChange<Result> = (
  before: Json | null,
  nowMs: number,
) => { readonly value: Json | null; readonly result: Result }

/**
 * Who may write which partition, decided by the store and by its clock alone.
 *
 * Contract (testkit `stateStoreContract`): no partition ever has two owners who can commit; workers join only
 * while nobody holds the lease, which nobody takes while a worker is there; a worker that is not heard of for its time is
 * lost whole, once a commit of it that is under way has ended, and commits nothing after. Who is admitted under a
 * lease works beside its holder; should that one end, nobody takes the lease and nobody joins before all who were
 * admitted are gone.
 */
export interface FleetStore {
  /** Joins, with no partition. @throws {SyncError} `STATE_LEASE_HELD` */
  join(card: WorkerCard, ttlMs: number): Promise<Membership>
  /**
   * Joins beside the holder of the lease, with partitions that are its own from the start; it claims
   * no others, and asks for none. The lease's epoch is its own.
   *
   * @throws {SyncError} `STATE_LEASE_LOST` where the lease is not held under that epoch any more, or a
   * partition is another worker's
   */
  admit(card: Omit<WorkerCard, 'demand'>, admission: Admission): Promise<Membership>
  /**
   * Stays for another while; has those lost that were not heard of; claims what is free, up to a
   * fair share; and asks the richest for what is missing to that.
   *
   * @param newest - fingerprint of the newest configuration: who has a former one takes nothing more.
   * Default: all have the same
   * @throws {SyncError} `STATE_LEASE_LOST` when it was lost itself
   */
  beat(member: Membership, ttlMs: number, newest?: string): Promise<Beat>
  /** Takes partitions that are nobody's, so many at most; which. Part of each beat. */
  claim(member: Membership, most: number): Promise<readonly number[]>
  /** Gives partitions back; its commits to them are refused from then on. */
  release(member: Membership, partitions: readonly number[]): Promise<void>
  /** Gives everything back. Any number of times. */
  leave(member: Membership): Promise<void>
  /** Has a worker lost that is known to be gone: sooner than by its time. */
  bury(member: Required<Writer>): Promise<void>
  fleet(): Promise<Fleet>
  /**
   * Changes a value that all workers share, whole: of several who change it at once each sees what
   * the one before left. Durable when it resolves.
   *
   * @param key - of a value that no commit of a worker writes
   * @param change - pure: asked again where somebody else was faster
   * @throws {SyncError} `STATE_LEASE_LOST` when it was lost itself, or what `change` throws
   */
  changeValue<Result>(
    member: Required<Writer>,
    key: string,
    change: SharedChange<Result>,
  ): Promise<Result>
}
