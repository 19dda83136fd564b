import type { StateStore } from '@engage-sync/core'
import { takeLease } from '../../engine/durable/lease.ts'
import type { Io } from '../../process/io.ts'
import { openState } from './open-state.ts'
import type { OpenStateOptions, StatePlace } from './open-state.ts'
import { openToRead } from './open-to-read.ts'
import { openEnvironment } from '../environment/open-environment.ts'
import type { EnvironmentFlags, OpenEnvironment } from '../environment/open-environment.ts'

/** Which state is opened, and how. */
export interface StateWanted extends Partial<Pick<OpenStateOptions, 'rebind' | 'access'>> {
  readonly flags: EnvironmentFlags
}

/** Opens the state of an environment, which must be there, for as long as the work takes. */
export async function withState<T>(
  io: Io,
  { flags, ...options }: StateWanted,
  work: (store: StateStore, opened: OpenEnvironment) => Promise<T>,
): Promise<T> {
  const opened = openEnvironment(io, flags)
  const store = await openState({ ...placeOf(io, opened), create: 'never', ...options })
  return closing(store, () => work(store, opened))
}

/** The same for a command that writes nothing: see `openToRead`. */
export async function readState<T>(
  io: Io,
  flags: EnvironmentFlags,
  work: (store: StateStore, opened: OpenEnvironment) => Promise<T>,
): Promise<T> {
  const opened = openEnvironment(io, flags)
  const store = await openToRead(placeOf(io, opened), io)
  return closing(store, () => work(store, opened))
}

function placeOf({ now }: Io, { environment, place: { root } }: OpenEnvironment): StatePlace {
  return { environment, root, now }
}

async function closing<T>(store: StateStore, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    await store.close()
  }
}

/** How long a command of a moment holds the lease, milliseconds. */
const TTL_MS = 60_000

/**
 * The same, holding the lease: no run commits meanwhile. The state is whole when the work begins.
 *
 * @param what - the command, for whoever meets the lease
 * @throws {SyncError} `STATE_LEASE_HELD`, `STATE_UNREADABLE`
 */
export async function holdingLease<T>(
  store: StateStore,
  what: string,
  work: (epoch: number) => Promise<T>,
): Promise<T> {
  const lease = await takeLease(store, { waitMs: 0, ttlMs: TTL_MS, command: what })
  try {
    await store.verify()
    return await work(lease.current.epoch)
  } finally {
    await lease.release()
  }
}
