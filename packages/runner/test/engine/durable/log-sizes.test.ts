import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LogSizes } from '../../../src/engine/durable/index.ts'

const NOBODY = { sizes: async () => [] }

/** Bytes of a delta: mostly few, now and then many. */
const size = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 20, max: 200 }) },
  { weight: 1, arbitrary: fc.integer({ min: 2000, max: 500_000 }) },
)

describe('the log of a partition', () => {
  it('stays few deltas, each byte of which is put together a few times, whatever their sizes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(size, { minLength: 1, maxLength: 50 }), async (sizes) => {
        const logs = await LogSizes.read(NOBODY)
        const lengths: number[] = []
        let [written, merged, most] = [0, 0, 0]
        for (let window = 0; window < 3000; window++) {
          const bytes = new Uint8Array(sizes[window % sizes.length])
          logs.note({ deltas: [{ partition: 3, bytes }] })
          written += bytes.length
          lengths.push(bytes.length)
          most = Math.max(most, lengths.length)
          for (const merge of logs.merges()) {
            const sum = lengths.splice(-merge.deltas).reduce((all, one) => all + one, 0)
            lengths.push(sum)
            merged += sum
            logs.note({ merges: [merge] })
          }
        }

        expect(most).toBeLessThanOrEqual(201)
        expect(merged / written).toBeLessThan(2 + Math.log2(3000 / 100))
        expect(lengths.reduce((sum, one) => sum + one, 0)).toBe(written)
      }),
      { numRuns: 12 },
    )
  })
})
