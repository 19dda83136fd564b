import { expect, it } from 'vitest'
import { retentionLimits } from '../../../src/streams/kafka/standing.ts'

const HOUR_MS = 3_600_000

it('knows how long a topic keeps messages, where it removes them by time', () => {
  const config = (retention: string, policy = 'delete') => [
    { name: 'cleanup.policy', value: policy },
    { name: 'retention.ms', value: retention },
  ]

  expect(retentionLimits(config('86400000'), HOUR_MS)).toEqual([
    { unit: 'milliseconds', behind: HOUR_MS, keeps: 24 * HOUR_MS },
  ])
  expect(retentionLimits(config('86400000', 'compact,delete'), HOUR_MS)).toHaveLength(1)
  expect(retentionLimits(config('-1'), HOUR_MS)).toEqual([])
  expect(retentionLimits(config('86400000', 'compact'), HOUR_MS)).toEqual([])
  expect(retentionLimits([], HOUR_MS)).toEqual([])
})
