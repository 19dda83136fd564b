import { PARTITIONS } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { beat } from '../../../src/state/fleet/beat.ts'

function aWorker(worker: string) {
  const card = { worker, url: null, fingerprint: 'f', demand: PARTITIONS }
  return { ...card, epoch: 1, expiresAt: 0, seenAt: 0 }
}

describe('a beat', () => {
  it('asks for no partition that became free, and its own, since it looked', async () => {
    const owners = Array.from({ length: PARTITIONS }, (_, partition) => ({
      partition,
      worker: 'other',
      wanted: null,
    }))
    const workers = [aWorker('me'), aWorker('other')]
    const asked: number[] = []
    const steps = {
      renew: async () => aWorker('me'),
      buryLapsed: async () => undefined,
      fleet: async () => ({ workers, owners, nowMs: 0, epoch: 1 }),
      claim: async () => [PARTITIONS - 1, PARTITIONS - 2],
      ask: async (_: unknown, partitions: readonly number[]) => void asked.push(...partitions),
    }

    await beat(steps, aWorker('me'), { ttlMs: 1000 })

    expect(asked).toHaveLength(PARTITIONS / 2 - 2)
    expect(asked).not.toContain(PARTITIONS - 1)
    expect(asked).not.toContain(PARTITIONS - 2)
  })
})
