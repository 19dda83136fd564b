import { EXTERNAL_ID, partitionOf, userKey } from '@engage-sync/core'
import type { WorkerStatus } from '../../engine/fleet/index.ts'
import type { StreamStatus } from '../../engine/stream/index.ts'
import { ownerText } from '../../state/format/owner-text.ts'
import { sharesOf, unownedOf } from '../../state/reading/workers.ts'

/** A worker, for a page. */
export interface WorkerView {
  readonly name: string
  /** Where its desk is; null without one. */
  readonly url: string | null
  /** How many partitions are its own. */
  readonly partitions: number
  /** Which configuration it has, counted from the first. */
  readonly configuration: number
  /** Whether it is this process. */
  readonly here: boolean
}

/** A stream as one process sees it, or as one of several does. */
export type AnyStatus = StreamStatus | WorkerStatus

/** Who works on what; null where one process works alone. @param here - address of this process */
export function fleetView(status: AnyStatus, here: string | null): readonly WorkerView[] | null {
  if (!('fleet' in status)) return null
  const shares = status.fleet === null ? [] : sharesOf(status.fleet, status.configuration)
  return shares.map(({ worker, url, partitions, configuration }) => ({
    name: ownerText(worker),
    url,
    partitions: partitions.length,
    configuration,
    here: url !== null && url === here,
  }))
}

/** How many partitions none of several workers works on. */
export function unownedPartitions(status: AnyStatus): number {
  return 'fleet' in status && status.fleet !== null ? unownedOf(status.fleet).length : 0
}

/** Whether users are this process's to work on. @param user - an external id */
export function isOwn(status: AnyStatus, user: string): boolean {
  return !('fleet' in status) || status.partitions.includes(partitionOfUser(user))
}

/** Who works on a user; null where that is nobody, or one process works alone. @param user - an external id */
export function ownerOf(status: AnyStatus, user: string, here: string | null): WorkerView | null {
  if (!('fleet' in status) || status.fleet === null) return null
  const owner = status.fleet.owners[partitionOfUser(user)]?.worker ?? null
  const workers = fleetView(status, here) ?? []
  return workers.find((_, at) => status.fleet?.workers[at]?.worker === owner) ?? null
}

function partitionOfUser(user: string): number {
  return partitionOf(userKey(EXTERNAL_ID, user))
}
