import type { Cause, Fleet } from '@engage-sync/core'
import type { FleetConfiguration } from '../../state/values/configuration.ts'
import { NO_RECORDS } from '../stream/index.ts'
import type { StreamStatus } from '../stream/index.ts'

/** What a worker does now. */
export interface WorkerStatus extends StreamStatus {
  /** Its partitions, ascending. */
  readonly partitions: readonly number[]
  /** All workers, when it beat last; null while it is none. */
  readonly fleet: Fleet | null
  /** Which configuration all go by, as it was seen last. */
  readonly configuration: FleetConfiguration
}

/** The same as a stream that has not begun. */
export function emptyStatus(nowMs: number): StreamStatus {
  return {
    state: 'starting',
    reason: null,
    lastTurnMs: nowMs,
    windows: 0,
    records: NO_RECORDS,
    lag: null,
    heldUsers: 0,
    frozen: [],
    lastWindow: null,
  }
}

/** Of one that waits, and why. */
export function waitingStatus(
  nowMs: number,
  reason: Pick<Cause, 'code' | 'message' | 'hint'>,
): StreamStatus {
  return { ...emptyStatus(nowMs), state: 'waiting', reason: { ...reason, place: null } }
}
