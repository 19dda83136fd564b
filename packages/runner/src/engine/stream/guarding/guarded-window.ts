import type { GuardLimits, GuardStop, PlanSummary, RejectedCount } from '@engage-sync/core'
import type { StoredValue } from '../../../state/values/named-value.ts'
import type { PutOff } from '../../delivery/index.ts'
import type { Charge } from './charge.ts'

/** What a window would do. */
export interface GuardedWindow {
  readonly summary: PlanSummary
  /** Users to be forgotten. */
  readonly deletions: number
  readonly rejected: RejectedCount
  readonly nowMs: number
}

/** What decides about it. */
export interface GuardFacts {
  readonly limits: GuardLimits
  /**
   * Members by mapping or segment id; not of memberships that are new. Of one process as they are
   * now, of several as they were an hour ago.
   */
  readonly members: () => Promise<ReadonlyMap<string, number>>
  /** Users the state knows. */
  readonly users: () => Promise<number>
}

/** Of a window: memberships that are held alone, as `removals=<id>`; and what holds all of it. */
export interface Verdict {
  readonly frozen: ReadonlyMap<string, GuardStop>
  readonly stop: GuardStop | null
}

/** What was let go on, and what is to become durable with that. */
export interface Released {
  /** Guards that hold nothing any more, as `removals=<id>`. */
  readonly thawed: readonly string[]
  readonly values: readonly StoredValue[]
}

/** The guards of a stream, of one process or of several. */
export interface Guards {
  /** Since when each membership is frozen, milliseconds since the epoch; by `removals=<id>`. */
  readonly frozen: ReadonlyMap<string, number>
  /** What was judged last, of what is let pass. */
  readonly charges: readonly Charge[]
  /** Judges what a window would do. Nothing is used of it before it is taken. */
  judge(window: GuardedWindow, facts: GuardFacts): Promise<Verdict>
  /** Takes what the window that was judged last uses off the budgets. */
  take(): void
  /** Holds memberships from now on, by `removals=<id>`. */
  freeze(keys: Iterable<string>, nowMs: number): void
  /** What was let pass did not come about, and is about to be judged once more: it costs nothing then. */
  putOff(changes: readonly PutOff[], nowMs: number): void
  /** Whether changes of a membership count towards nothing now. */
  isAllowed(key: string, nowMs: number): boolean
  /** What is to be durable before anything is sent; none where it is. */
  takeReserved(): readonly StoredValue[]
  /** What is to be durable with the window that was taken, now and then. */
  takeCounted(nowMs: number): readonly StoredValue[]
  /**
   * Takes what somebody let pass.
   *
   * @param held - guards that hold somebody
   */
  look(nowMs: number, held: ReadonlySet<string>): Promise<Released>
  /** Ends in good order: nothing is reserved any more. Returns what is to be durable then. */
  end(): Promise<readonly StoredValue[]>
}
