import { expect, it } from 'vitest'
import { compileSync, loadConfig, MemoryRun } from '../../src/index.ts'
import { createTestDecoder } from '../simple-decoder.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')

/** Of so many mappings, those an object of attributes names, in its order. */
function namesOf(count: number, order: readonly number[]): readonly string[] {
  const traits = Array.from({ length: count }, (_, number) => `  t${number}: t${number}\n`).join('')
  const { syncs } = loadConfig([
    {
      path: 'configs/engage-sync.yaml',
      text: 'version: 1\nenvironments: { local: { braze: { endpoint: simulator }, sources: { engage: { events: data } } } }\n',
    },
    {
      path: 'configs/shop.yaml',
      text: `version: 1\nsource: engage\nbackfill: true\ntraits:\n${traits}`,
    },
  ])
  const run = new MemoryRun({
    syncs: syncs.map((sync) => compileSync(sync)),
    createDecoder: createTestDecoder,
    nowMs: NOW,
  })
  const records = order.map((number) => ({
    user: 'ada',
    at: NOW - 1000,
    trait: { [`t${number}`]: `v${number}` },
  }))
  const { updates } = run.batch(records.map((record) => JSON.stringify(record)))
  return updates.flatMap(({ attributes }) => Object.keys(attributes ?? {}))
}

it.each([3, 40])(
  'says %i attributes in the order of their columns, whatever came first',
  (count) => {
    const inOrder = Array.from({ length: count }, (_, number) => number)
    const shuffled = inOrder.toSorted((a, b) => ((a * 7) % count) - ((b * 7) % count))

    const names = inOrder.map((number) => `t${number}`)
    expect(namesOf(count, inOrder)).toEqual(names)
    expect(namesOf(count, inOrder.toReversed())).toEqual(names)
    expect(namesOf(count, shuffled)).toEqual(names)
  },
)
