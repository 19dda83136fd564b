import { streamGuards } from '../../../state/values/stream-guards.ts'
import type { OpenRun } from '../../open.ts'
import { FleetGuards, StreamGuards } from '../guarding/index.ts'
import type { ChargedBefore, Guards } from '../guarding/index.ts'
import type { StreamOptions } from '../terms/index.ts'
import { FleetMembers } from './fleet-members.ts'

/** What judges the windows of a session. */
export interface SessionGuards {
  readonly guards: Guards
  /** Of all workers; null for one process alone. */
  readonly fleetMembers: FleetMembers | null
}

/**
 * Opens the guards of a session: those of one process, or those all workers share.
 *
 * @param before - what was taken off already for what is planned again
 */
export async function openGuards(
  { store, share, now }: Pick<StreamOptions, 'store' | 'share' | 'now'>,
  open: OpenRun,
  before: ChargedBefore,
): Promise<SessionGuards> {
  if (share === undefined) {
    const guards = new StreamGuards(await streamGuards.read(store), before, store)
    return { guards, fleetMembers: null }
  }
  const { shared, partitions: own } = share
  const guards = await FleetGuards.open(shared, before)
  const isAllowed = (guard: string) => guards.isAllowed(guard)
  return {
    guards,
    fleetMembers: await FleetMembers.open({ open, store, shared, own, isAllowed, now }),
  }
}
