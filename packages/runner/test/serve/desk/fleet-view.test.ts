import { PARTITIONS } from '@engage-sync/core'
import type { FleetWorker } from '@engage-sync/core'
import { expect, it } from 'vitest'
import { emptyStatus } from '../../../src/engine/fleet/status.ts'
import type { WorkerStatus } from '../../../src/engine/fleet/index.ts'
import { fleetView, unownedPartitions } from '../../../src/serve/desk/fleet-view.ts'
import { NO_CONFIGURATION } from '../../../src/state/values/configuration.ts'

/** As a front sees workers, the first of which has partitions below a number. */
function seen(below: number, names: readonly string[]): WorkerStatus {
  const card = { url: null, fingerprint: 'f', demand: PARTITIONS }
  const workers = names.map((worker): FleetWorker => {
    return { ...card, worker, epoch: 1, expiresAt: 2, seenAt: 1 }
  })
  const owners = Array.from({ length: PARTITIONS }, (_, partition) => {
    const worker = partition < below ? (names[0] ?? null) : null
    return { partition, worker, wanted: null }
  })
  const fleet = { workers, owners, nowMs: 1, epoch: 1 }
  return { ...emptyStatus(0), partitions: [], fleet, configuration: NO_CONFIGURATION }
}

it('tells what nobody owns, while somebody works', () => {
  const status = seen(43, ['a', 'b'])

  expect(fleetView(status, null)?.map(({ partitions }) => partitions)).toEqual([43, 0])
  expect(unownedPartitions(status)).toBe(21)
  expect(unownedPartitions(seen(64, ['a']))).toBe(0)
  expect(unownedPartitions(seen(0, []))).toBe(0)
  expect(unownedPartitions(emptyStatus(0))).toBe(0)
})
