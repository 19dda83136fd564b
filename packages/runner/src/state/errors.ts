import { SyncError } from '@engage-sync/core'

/** The state cannot be used: unreadable, newer, full, read-only, not initialised, or somebody else's. Never retried. */
export class StateError extends SyncError {
  override name = 'StateError'
}

/** The lease is held by another run, or was taken from this one. */
export class LeaseError extends SyncError {
  override name = 'LeaseError'
}

/** The error of a state that does not exist yet. */
export function notInitialised(place: string): StateError {
  return new StateError('STATE_NOT_INITIALISED', `There is no state at ${place}`, {
    hint: 'Make one with `engage-sync state init`, or check that this is the right environment and database.',
  })
}

/** The error of a state written by a later version. */
export function newerFormat(format: number, known: number): StateError {
  return new StateError('STATE_NEWER', `The state has format ${format}; this version knows up to ${known}`, {
    hint: 'Run the version of engage-sync that wrote it, or a later one.',
  })
}

/** The error of a state that belongs to another Braze workspace. */
export function otherWorkspace(environment: string): StateError {
  return new StateError('STATE_OTHER_WORKSPACE', `The state of ${environment} belongs to another Braze workspace`, {
    hint: 'It remembers what that workspace received. Check endpoint and key, or start a state of its own for this workspace.',
  })
}

/** The error of a commit whose lease is no longer the current one. */
export function leaseLost(): LeaseError {
  return new LeaseError('STATE_LEASE_LOST', 'Another run has taken the lease over', {
    hint: 'This run was silent for too long. What it committed holds; run again when the other one is done.',
  })
}

/** The error of a lease that another run holds. */
export function leaseHeld(owner: string, ageMs: number): LeaseError {
  return new LeaseError('STATE_LEASE_HELD', `Another run holds this environment: ${owner}, seen ${Math.round(ageMs / 1000)} s ago`, {
    hint: 'Wait for it, or pass --wait. If its machine is gone, it lapses by itself; `engage-sync state unlock` ends it at once.',
  })
}
