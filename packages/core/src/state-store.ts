import type { Json, SourcePosition } from '@engage-sync/contract'
import type { Cause } from './cause.ts'
import type { FleetStore, Writer } from './fleet.ts'

/** Users are spread over this many partitions by the hash of their identifier; fixed for the life of a state. */
export const PARTITIONS = 64

/** What a state says of itself. `format` above ours is refused. */
export interface StateInfo {
  readonly format: number
  /** Random id of this state, made at init. */
  readonly id: string
  readonly environment: string
  /** Fingerprint of the Braze workspace (endpoint and key digest); another workspace's state is refused. */
  readonly workspace: string
  /** ISO 8601. */
  readonly createdAt: string
}

/** The right to write, for a while. `epoch` grows with every owner; every commit checks it. */
export interface Lease {
  readonly epoch: number
  readonly owner: string
  readonly expiresAt: number
}

/** Rows of one partition: a snapshot, and the deltas since, oldest first. The bytes belong to core's row format. */
export interface PartitionImage {
  readonly snapshot: Uint8Array | null
  readonly deltas: readonly Uint8Array[]
}

/** The intent of one request that must not be repeated blindly, durable before its first byte leaves. */
export interface Mark {
  readonly id: string
  readonly run: number
  /** Whose users it is about; only what a worker marks is of one alone. Default: of any. */
  readonly partition?: number
  /** Plain JSON: per event the user, key and time; or the identify/merge pair. Erased when closed. */
  readonly intent: Json
}

/** A record or value that was refused, kept for `dead-letters` and `retry` until it expires; or one that waits. */
export interface DeadLetter {
  /** Stable within a state, never used twice; set by the store when absent. */
  readonly id?: number
  readonly run: number
  /** ISO 8601. */
  readonly at: string
  readonly expiresAt: string
  readonly sync: string
  readonly code: string
  readonly message: string
  /**
   * `source` for records that could not be read, `destination` for what Braze refused. `waiting` for users whose
   * changes were neither delivered nor refused: their records are folded again by the next run, by itself.
   */
  readonly stage: 'source' | 'mapping' | 'destination' | 'waiting'
  /** Where it came from: file and record number, or the mapping. */
  readonly place: string
  /** What was refused; personal data, so never printed without being asked for. */
  readonly payload: Json
  /** Which user and slot this concerns, for `retry`; null for records that never got a user. */
  readonly subject: {
    readonly partition: number
    readonly user: string
    readonly slot: string
  } | null
}

/** Which dead letters are meant. Default: all. */
export interface DeadLetterFilter {
  readonly run?: number
  readonly sync?: string
  readonly code?: string
}

/** Some of the dead letters that are meant: payloads are large, so they are read in pages. */
export interface DeadLetterPage extends DeadLetterFilter {
  readonly limit: number
  /** Only those with a smaller id: the last of the page before. Default: from the newest on. */
  readonly before?: number
  /** Only those with a greater id. Default: down to the oldest. */
  readonly after?: number
  /** Only those with one of these ids; cheap, however many others there are. Default: any. */
  readonly ids?: readonly number[]
}

/** A run, as `history` shows it. */
export interface RunRecord {
  readonly number: number
  readonly startedAt: string
  readonly finishedAt: string | null
  /** Who started it, which git commit, which allowances; no secrets. */
  readonly actor: string | null
  readonly commit: string | null
  readonly fingerprint: string
  readonly status:
    'running' | 'done' | 'partial' | 'stopped' | 'interrupted' | 'failed' | 'abandoned'
  /** The report as data, once finished. */
  readonly report: Json | null
  /** Why it ended before there was a report; what ended a reported run is in its report. Default: none. */
  readonly error?: Cause | null
}

/** What the state knows of one mapping (or segment), by its id. */
export interface MappingRecord {
  readonly id: string
  readonly fingerprint: string
  /** Start of the first run that knew it; milliseconds since the epoch. */
  readonly bornAt: number
  /**
   * How its sync found records and users when it had folded everything up to the source's position: a fingerprint.
   * Absent when something before that position was never folded, or not as it is now.
   */
  readonly readAs?: string
  /** Slot numbers by slot id. */
  readonly slots: Readonly<Record<string, number>>
  /** Births of slots that are younger than their mapping, by slot id. Default: none. */
  readonly slotBirths?: Readonly<Record<string, number>>
  /** False once it vanished from the configuration (orphaned) or was retired. */
  readonly active: boolean
  /** What `plan` needs to say about an orphan: attribute and cohort names. */
  readonly about: Json
}

/** Where reading of a source goes on for the users of one partition. */
export interface PartitionPosition {
  readonly source: string
  readonly partition: number
  readonly position: SourcePosition
}

/** Everything that becomes durable together, or not at all. All members but the writer's are optional. */
export interface CommitGroup extends Writer {
  /** Come after a snapshot of the same partition in the same group. */
  readonly deltas?: readonly { readonly partition: number; readonly bytes: Uint8Array }[]
  /**
   * Makes one of the newest so many deltas of a partition, their bytes in their order: of those from
   * before this group. Nothing where it has a snapshot in the same group.
   */
  readonly merges?: readonly { readonly partition: number; readonly deltas: number }[]
  /** Replaces a partition's snapshot and drops its earlier deltas. */
  readonly snapshots?: readonly { readonly partition: number; readonly bytes: Uint8Array }[]
  /** One with the id of an open mark replaces it; one that the same group closes is not opened. */
  readonly openMarks?: readonly Mark[]
  readonly closeMarks?: readonly string[]
  readonly deadLetters?: readonly DeadLetter[]
  readonly removeDeadLetters?: readonly number[]
  /** By id; one that the same group writes stays. */
  readonly removeMappings?: readonly string[]
  /** One without a partition is of all of them, and takes the place of those a source has for some. */
  readonly positions?: readonly {
    readonly source: string
    readonly partition?: number
    readonly position: SourcePosition
  }[]
  readonly mappings?: readonly MappingRecord[]
  readonly run?: RunRecord
  /** Small named values: next due times, cohort names, counters. Null removes. Those of a partition say so. */
  readonly values?: readonly {
    readonly key: string
    readonly value: Json
    readonly partition?: number
  }[]
}

/**
 * The durable log behind the rows in memory.
 *
 * Contract (testkit `stateStoreContract`): a commit is whole or not there, and durable when its promise resolves;
 * a commit whose epoch is not the current one throws `STATE_LEASE_LOST` and changes nothing, and so does one of a
 * worker that was lost, or to a partition that is not its own; loads see all
 * commits before them, deltas in commit order; a killed process loses no resolved commit.
 *
 * @throws {SyncError} `STATE_UNREADABLE`, `STATE_NEWER`, `STATE_FULL`, `STATE_READ_ONLY`, `STATE_NOT_INITIALISED`,
 * `STATE_OTHER_WORKSPACE`, `STATE_LEASE_LOST`, `STATE_LEASE_HELD`, `STATE_UNAVAILABLE`
 */
export interface StateStore extends FleetStore {
  readonly info: StateInfo
  /**
   * Takes the lease, or throws `STATE_LEASE_HELD` naming the owner, or the workers that are there,
   * and its age. A lapsed one is taken over.
   */
  acquireLease(owner: string, ttlMs: number): Promise<Lease>
  renewLease(lease: Lease, ttlMs: number): Promise<Lease>
  releaseLease(lease: Lease): Promise<void>
  /** Who holds the lease now, or null; workers hold none. */
  currentLease(): Promise<Lease | null>
  /**
   * Ends anyone's lease, and has all workers lost (`state unlock`); the epoch grows, so nobody who
   * was there can commit any more.
   */
  breakLease(): Promise<void>
  /**
   * Bytes of the snapshot and of the deltas together, and of each of those, oldest first, per
   * partition; to decide about merges and snapshots.
   */
  sizes(): Promise<
    readonly {
      readonly partition: number
      readonly snapshotBytes: number
      readonly deltaBytes: number
      readonly deltas: readonly number[]
    }[]
  >
  loadPartition(partition: number): Promise<PartitionImage>
  openMarks(): Promise<readonly Mark[]>
  /** By source, of all partitions but those that have one of their own. */
  positions(): Promise<ReadonlyMap<string, SourcePosition>>
  /** By source and partition. */
  partitionPositions(): Promise<readonly PartitionPosition[]>
  mappings(): Promise<readonly MappingRecord[]>
  values(prefix: string): Promise<ReadonlyMap<string, Json>>
  /** What a run would be numbered: one more than the highest so far. */
  nextRunNumber(): Promise<number>
  /** Numbers a new run; nobody else is given that number. */
  allotRun(): Promise<number>
  /** Newest first. */
  runs(limit: number): Promise<readonly RunRecord[]>
  /** Newest first. */
  deadLetters(page: DeadLetterPage): Promise<readonly DeadLetter[]>
  countDeadLetters(filter: DeadLetterFilter): Promise<number>
  /** Removes dead letters that expired before the instant (milliseconds); returns how many. */
  expireDeadLetters(writer: Writer, nowMs: number): Promise<number>
  /** The bytes of deltas and snapshots are the caller's again, to be given back, once this resolves. */
  commit(group: CommitGroup): Promise<void>
  /**
   * Whether any record is missing or one too many, so that a run does not begin on what is left. Cheap: reads no rows,
   * which are checked as they are loaded.
   */
  verify(): Promise<void>
  /** Reads everything and checks it; empty when sound. */
  check(): Promise<readonly string[]>
  /**
   * Overwrites what was deleted, as far as the store can, so that a forgotten user is in no file of it. Slow.
   *
   * Shape: false when that is not so yet, since somebody reads the state as it was before: call again later.
   */
  purge(): Promise<boolean>
  close(): Promise<void>
}
