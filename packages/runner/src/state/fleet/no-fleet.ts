import { PARTITIONS } from '@engage-sync/core'
import type { Fleet } from '@engage-sync/core'

/** The fleet of a state whose format knows no workers. @param nowMs - the store's clock */
export function noFleet(nowMs: number): Fleet {
  const owners = Array.from({ length: PARTITIONS }, (_, partition) => ({
    partition,
    worker: null,
    wanted: null,
  }))
  return { workers: [], owners, nowMs, epoch: 0 }
}
