import type { Cause, RecordCounts } from '@engage-sync/core'
import type { WindowReport } from '../terms/index.ts'

/** What a stream does. */
export type StreamState = 'starting' | 'catching up' | 'running' | 'waiting' | 'draining' | 'ended'

/** A membership whose changes are held by a guard, until they are allowed. */
export interface FrozenMapping {
  /** Mapping or segment id. */
  readonly mapping: string
  readonly guard: 'removals' | 'additions'
  /** Milliseconds since the epoch. */
  readonly sinceMs: number
  /** Users of whom something is held here; null where that is not known. */
  readonly held: number | null
  /** What to write after `allow`. */
  readonly allow: string
}

/**
 * What guards hold, for whoever asks.
 *
 * @param frozen - since when, milliseconds since the epoch, by guard (`removals=<id>`)
 * @param heldBy - of how many users a guard holds something. Default: that is not known
 */
export function frozenMappings(
  frozen: ReadonlyMap<string, number>,
  heldBy: (guard: string) => number | null = () => null,
): readonly FrozenMapping[] {
  return [...frozen].map(([allow, sinceMs]) => ({
    mapping: allow.slice(allow.indexOf('=') + 1),
    guard: allow.startsWith('removals') ? 'removals' : 'additions',
    sinceMs,
    held: heldBy(allow),
    allow,
  }))
}

/** Records that came and are not committed yet. */
export interface StreamLag {
  readonly records: number
  readonly bytes: number
  /** How long ago the oldest came, milliseconds. */
  readonly oldestMs: number
}

/** A stream at a glance: for health checks, metrics and pages. No personal data. */
export interface StreamStatus {
  readonly state: StreamState
  /** Why it waits, or ended early; null where nothing is wrong. */
  readonly reason: Cause | null
  /** When its loop turned last, milliseconds since the epoch. */
  readonly lastTurnMs: number
  /** Windows committed since it was opened. */
  readonly windows: number
  /** Records since it was opened, those of the catch-up among them. */
  readonly records: RecordCounts
  /** Of records that are in memory; what a log holds beside them, its source knows. Null while none are taken. */
  readonly lag: StreamLag | null
  /** Users whose records wait: something of them is on its way, failed, or is held. */
  readonly heldUsers: number
  readonly frozen: readonly FrozenMapping[]
  readonly lastWindow: WindowReport | null
}

/** Nothing read. */
export const NO_RECORDS: RecordCounts = {
  read: 0,
  changed: 0,
  unchanged: 0,
  duplicate: 0,
  stale: 0,
  unmapped: 0,
  skipped: 0,
  rejected: 0,
}

/** Adds counts of records by class. */
export function addRecords(one: RecordCounts, other: RecordCounts): RecordCounts {
  return {
    read: one.read + other.read,
    changed: one.changed + other.changed,
    unchanged: one.unchanged + other.unchanged,
    duplicate: one.duplicate + other.duplicate,
    stale: one.stale + other.stale,
    unmapped: one.unmapped + other.unmapped,
    skipped: one.skipped + other.skipped,
    rejected: one.rejected + other.rejected,
  }
}

/** What counts of records by class have more than others. */
export function lessRecords(all: RecordCounts, before: RecordCounts): RecordCounts {
  return {
    read: all.read - before.read,
    changed: all.changed - before.changed,
    unchanged: all.unchanged - before.unchanged,
    duplicate: all.duplicate - before.duplicate,
    stale: all.stale - before.stale,
    unmapped: all.unmapped - before.unmapped,
    skipped: all.skipped - before.skipped,
    rejected: all.rejected - before.rejected,
  }
}
