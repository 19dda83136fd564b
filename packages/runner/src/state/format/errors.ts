import { SyncError } from '@engage-sync/core'
import { ownerText } from './owner-text.ts'

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
    hint: `If there was one, check environment and database, then restore a backup or an export: \`engage-sync state import\`.
If it is lost: \`engage-sync state init\`, then \`engage-sync state adopt\`, or every value is sent and billed again.
Only a new environment begins with \`engage-sync state init\` alone.`,
  })
}

/** The error of a state that is there already where a new one was to be made. */
export function alreadyExists(place: string): StateError {
  return new StateError('STATE_EXISTS', `There is a state at ${place} already`, {
    hint: 'Nothing was changed. Look at it with `engage-sync state show`; `engage-sync state reset` removes it.',
  })
}

/** The error of a state written by a later version. */
export function newerFormat(format: number, known: number): StateError {
  return new StateError(
    'STATE_NEWER',
    `The state has format ${format}; this version knows up to ${known}`,
    {
      hint: 'Run the version of engage-sync that wrote it, or a later one.',
    },
  )
}

/** The error of a state that belongs to another Braze workspace. Told apart: another endpoint, or only another key. */
export function otherWorkspace(stored: string, expected: string, environment: string): StateError {
  return new StateError(
    'STATE_OTHER_WORKSPACE',
    `The state of ${environment} belongs to another Braze workspace`,
    {
      hint: isSameEndpoint(stored, expected)
        ? 'The endpoint is the same, the API key is another one. If the key was replaced and the workspace is the same: `engage-sync state init --new-key`.'
        : 'It remembers what that workspace received. Check endpoint and key, or start a state of its own for this workspace.',
    },
  )
}

/** Whether two fingerprints name the same endpoint, whatever their keys. */
export function isSameEndpoint(stored: string, expected: string): boolean {
  const endpointOf = (workspace: string) => workspace.slice(0, workspace.lastIndexOf('#'))
  return stored.includes('#') && endpointOf(stored) === endpointOf(expected)
}

/** The error of a state that belongs to another environment. */
export function otherEnvironment(stored: string, expected: string): StateError {
  return new StateError(
    'STATE_OTHER_WORKSPACE',
    `The state is the one of environment ${stored}, not of ${expected}`,
    {
      hint: 'Give each environment a state of its own; in one PostgreSQL database by `?schema=NAME` at the end of the URL.',
    },
  )
}

/** The error of a commit whose lease is no longer the current one. */
export function leaseLost(): LeaseError {
  return new LeaseError('STATE_LEASE_LOST', 'Another run has taken the lease over', {
    hint: 'This run was silent for too long. What it committed holds; run again when the other one is done.',
  })
}

/** The error of a lease that another run, or a server, holds. */
export function leaseHeld(owner: string, ageMs: number): LeaseError {
  const isServer = owner.endsWith('(serve)')
  const wait = isServer ? `${BORROW}. Or end it, or pass --wait.` : 'Wait for it, or pass --wait.'
  return new LeaseError(
    'STATE_LEASE_HELD',
    `${isServer ? 'A server' : 'Another run'} holds this environment: ${ownerText(owner)}, seen ${Math.round(ageMs / 1000)} s ago`,
    {
      hint: `${wait} If its machine is gone, it lapses by itself; \`engage-sync state unlock\` ends it at once.`,
    },
  )
}

/** Who serves goes on for as long as nobody ends it. */
const BORROW = 'Commands that have --hand-over borrow it, and what comes is received meanwhile'

/** The error of a lease that nobody takes while workers are there. @param ageMs - since the first of them was heard of */
export function workersHold(workers: readonly string[], ageMs: number): LeaseError {
  const names = workers.map(ownerText).join(', ')
  return new LeaseError(
    'STATE_LEASE_HELD',
    `${workers.length === 1 ? 'A worker holds' : `${workers.length} workers hold`} this environment: ${names}, seen ${Math.round(ageMs / 1000)} s ago`,
    {
      hint: `${BORROW}. Or end them, or pass --wait. Those whose machine is gone lapse by themselves; \`engage-sync state unlock\` ends them at once.`,
    },
  )
}

/** The error of a worker that the others took for gone. */
export function workerLost(): LeaseError {
  return new LeaseError('STATE_LEASE_LOST', 'The others took this worker for gone', {
    hint: 'It was silent for too long, and others work on its partitions. What it committed holds; it may join again.',
  })
}

/** The error of a commit to a partition that is not its writer's. */
export function partitionLost(): LeaseError {
  return new LeaseError('STATE_LEASE_LOST', 'A partition belongs to another worker by now', {
    hint: 'Nothing of that commit was written. The worker may join again.',
  })
}

/** The error of a worker whom nobody lets work beside them any more. */
export function notAdmitted(): LeaseError {
  return new LeaseError(
    'STATE_LEASE_LOST',
    'The run this worker is a part of is over, or has another for that part',
    {
      hint: 'Nothing of it was written. Start the run once more.',
    },
  )
}

/** The error of a state that is there but cannot be read. */
export function unreadable(why: string): StateError {
  return new StateError('STATE_UNREADABLE', `The state cannot be read: ${why}`, {
    hint: `Copy it away as it is, then restore a backup or an export; \`engage-sync state check\` lists all that is damaged.
If there is none, rebuild it: \`engage-sync state reset\`, \`state init\`, then \`state adopt\`, or every value is sent and billed again.`,
  })
}

/** The error of a mapping that a state knows nothing of. @param near - what was meant, most likely */
export function unknownMapping(id: string, near: string | null): StateError {
  return new StateError('STATE_MAPPING', `The state knows no mapping ${id}`, {
    hint:
      near === null ? 'See `engage-sync state list` for what there is.' : `Did you mean "${near}"?`,
  })
}

/** The error of a state whose file went away while a run wrote into it. */
export function wentAway(): StateError {
  return new StateError(
    'STATE_UNREADABLE',
    'The file of the state was removed or replaced while this run went on',
    {
      hint: 'What it sent since is remembered nowhere. Put a backup back and run again: what that does not know is sent once more. Without one: `engage-sync state init`, then `state adopt`.',
    },
  )
}

/** The error of a state that has lost the record of who may write. */
export function noLease(): StateError {
  return unreadable('the record of its lease is missing')
}

/** The error of a store with no room left. */
export function full(): StateError {
  return new StateError(
    'STATE_FULL',
    'The disk of the state is full, over its quota, or cannot be written',
    {
      hint: 'Free some space. Nothing of the last commit was kept; everything before it was.',
    },
  )
}

/** The error of a state that may be read, but not written. */
export function readOnly(what: string, hint: string): StateError {
  return new StateError('STATE_READ_ONLY', `${what} cannot be written to`, { hint })
}

/** The error of a state that this user may not read, or not write beside. */
export function cannotOpen(what: string, hint: string): StateError {
  return new StateError('STATE_READ_ONLY', `${what} cannot be opened`, { hint })
}

/** The error of a state that cannot be reached now. */
export function unavailable(why: string, hint: string): StateError {
  return new StateError('STATE_UNAVAILABLE', why, { hint })
}
