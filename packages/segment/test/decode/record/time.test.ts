import { compileSync, loadConfig, MemoryRun } from '@engage-sync/core'
import { expect, it } from 'vitest'
import { createRowDecoder } from '../../../src/decode/hot/row-decoder.ts'

const PROJECT = `version: 1
environments:
  local: { braze: { endpoint: simulator }, sources: { engage: { events: data, time: receivedAt } } }
`

function finalValue(source: string): unknown {
  const { syncs, diagnostics } = loadConfig([
    { path: 'configs/engage-sync.yaml', text: PROJECT },
    { path: 'configs/shop.yaml', text: `version: 1\nsource: ${source}\ntraits: { item: item }\n` },
  ])
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  const run = new MemoryRun({
    syncs: syncs.map((sync) => compileSync(sync)),
    createDecoder: createRowDecoder,
    nowMs: Date.UTC(2026, 1, 1),
  })
  const event = (
    item: string,
    timestamp: string,
    originalTimestamp: string,
    receivedAt: string,
  ): string =>
    JSON.stringify({
      type: 'identify',
      userId: 'u_1',
      traits: { item },
      context: { personas: { computation_class: 'trait', computation_key: 'item' } },
      timestamp,
      originalTimestamp,
      receivedAt,
    })
  const [day1, day2, day3] = [1, 2, 3].map((day) => `2026-01-0${day}T00:00:00Z`)
  const { updates } = run.batch([
    event('a', day3, day1, day2),
    event('b', day1, day2, day3),
    event('c', day2, day3, day1),
  ])
  return updates[0].attributes?.item
}

it.each([
  ['{ events: data }', 'a'],
  ['{ events: data, time: timestamp }', 'a'],
  ['{ events: data, time: receivedAt }', 'b'],
  ['{ events: data, time: originalTimestamp }', 'c'],
  ['engage', 'b'],
])('the newest of three values by the time of source %s is %s', (source, newest) => {
  expect(finalValue(source)).toBe(newest)
})
