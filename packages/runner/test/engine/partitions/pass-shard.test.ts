import { PARTITIONS } from '@engage-sync/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { covers } from '../../../src/engine/partitions/index.ts'

it('gives every partition to exactly one of several passes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2, 4, 8, 16, 32, 64),
      fc.integer({ min: 0, max: PARTITIONS - 1 }),
      (of, partition) => {
        const shards = Array.from({ length: of }, (_, number) => ({ number, of }))

        expect(shards.filter((shard) => covers(partition, shard))).toHaveLength(1)
      },
    ),
  )
})
