import type { DroppedCause } from '@engage-sync/contract'
import type { Cause } from './cause.ts'

/** How many records ended in each class. A record takes the first class it fits: rejected, changed, stale, duplicate, unchanged, skipped, unmapped. `read` is the sum of the others. */
export interface RecordCounts {
  readonly read: number
  readonly changed: number
  readonly unchanged: number
  readonly duplicate: number
  readonly stale: number
  readonly unmapped: number
  readonly skipped: number
  readonly rejected: number
}

/** What went to Braze. `data_points` by the table of Braze's billing page. */
export interface BrazeCounts {
  readonly requests: number
  readonly attributes: number
  readonly events: number
  readonly cohort_adds: number
  readonly cohort_removals: number
  readonly data_points: number
  /** Attribute, event and membership changes Braze refused. */
  readonly rejected: number
  /** Not sent or not known to be applied; the next run tries again. */
  readonly pending: number
  readonly retries: number
}

/** Counts of one sync. */
export interface SyncReport {
  readonly sync: string
  readonly records: RecordCounts
  /** The same classes counted by key (one record may carry several), and changes undone or overtaken in the run. */
  readonly values: Omit<RecordCounts, 'read'> & {
    readonly read: number
    readonly superseded: number
  }
  readonly braze: BrazeCounts
  readonly dead_letters: number
}

/** Counts of one mapping or segment: values set for users that had none, changed and unset; events; users who join or leave, over all encodings of a membership. */
export interface MappingCounts {
  readonly new: number
  readonly changed: number
  readonly unset: number
  readonly events: number
  readonly joins: number
  readonly leaves: number
  readonly data_points: number
}

/** What became of one mapping or segment in a run. */
export interface MappingReport {
  /** Its id, `<sync>:<section>.<key>`. */
  readonly mapping: string
  /** Users who were to get something of it. */
  readonly users: number
  readonly planned: MappingCounts
  /** Of that, what Braze took from this run. */
  readonly sent: MappingCounts
  /** Values, events and memberships of it that Braze refused. */
  readonly refused: number
  /** Of a membership that gained or lost somebody: members at the run's start and end. Null of all else. */
  readonly members: { readonly before: number; readonly after: number } | null
}

/** How a run went back to what was left of it. */
export interface RoundCounts {
  /** Times it decided requests without an answer and sent what waited for that. */
  readonly rounds: number
  /** Requests decided. */
  readonly requests: number
  /** Events of theirs that were found at the destination or left out: planned, and not sent. */
  readonly events: number
  /** Spent waiting for that, seconds. */
  readonly seconds: number
}

/** Report of a run, as `--format json` prints it. Extended, never renamed. */
export interface Report extends SyncReport {
  readonly version: 1
  /** The sync's name, or `*` for several. */
  readonly environment: string
  readonly run: number
  readonly status: 'done' | 'partial' | 'stopped' | 'failed' | 'interrupted' | 'planned'
  /** What kind of run it was, where that is not the one of a schedule. */
  readonly kind?: string
  /** Why it ended before all was done; null where it is `done`, `partial` or `planned`. */
  readonly error: Cause | null
  /** The guards that stopped it before anything was sent; empty when none did. */
  readonly guards: readonly GuardStop[]
  /** Values and unreadable records that were rejected, of all that were read. */
  readonly rejected: RejectedCount
  /**
   * `only_existing`: told only what they do not belong to, so updated where Braze has them; absent
   * in older reports.
   */
  readonly users: {
    readonly seen: number
    readonly changed: number
    readonly created: number
    readonly only_existing?: number
  }
  /** Rejection and skip reasons with their counts, most first. */
  readonly reasons: readonly {
    readonly code: string
    readonly count: number
    readonly example: string
  }[]
  /** Computation keys in the data that no mapping wants, with counts. */
  readonly unmapped: readonly { readonly key: string; readonly count: number }[]
  /**
   * Events of requests that never got an answer, this run's and those of an earlier one, by how
   * they were decided: sent again, left out, found at the destination. What is not sent again is
   * not among what was sent.
   */
  readonly recovered: {
    readonly repeated: number
    readonly skipped: number
    readonly verified: number
  }
  /**
   * Users this run erased since Segment asked for it, and how many of them it had Braze delete;
   * absent where there were none.
   */
  readonly forgotten?: { readonly users: number; readonly deleted: number }
  /**
   * What this run did about its own requests without an answer before it ended; absent where there
   * were none.
   */
  readonly rounds?: RoundCounts
  /**
   * What the simulator dropped of this run; absent where nothing was, and of a real Braze, which
   * says nothing.
   */
  readonly dropped?: readonly DroppedCause[]
  /** Each mapping of which something was planned; absent in older reports. */
  readonly mappings?: readonly MappingReport[]
  /** The page of the CI job that ran it; absent where there was none. */
  readonly job?: string
  readonly seconds: number
  readonly syncs: readonly SyncReport[]
}

/** A guard that stops the run. */
export interface GuardStop {
  readonly guard: 'removals' | 'additions' | 'data_points' | 'deletions' | 'rejected'
  /** Mapping or segment id; null for run-wide guards. */
  readonly subject: string | null
  readonly planned: number
  readonly limit: number
  /** Members at run start of the membership it is about, or users of the state; null where there are none of. */
  readonly members: number | null
  readonly message: string
  /** What to write after `--allow`. */
  readonly allow: string
}

/** Values and unreadable records that were rejected, of all that were read. */
export interface RejectedCount {
  readonly count: number
  readonly of: number
}
