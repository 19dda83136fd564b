import type { Source } from '@engage-sync/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { RunResult } from '../../../src/engine/index.ts'
import { REREAD } from '../../../src/engine/index.ts'
import { Bench, eventText, listSource, NOW } from '../harness.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench({ shop: 'traits:\n  ltv: { attribute: ltv, type: number }\n' })
})
afterEach(() => bench.close())

/** A source that begins each reading with what it gave before. */
function again(): ReadonlyMap<string, Source> {
  const { name, read } = listSource(() => bench.records.map(eventText))
  return new Map([['engage', { name, repeats: true, read: (_from, signal) => read(null, signal) }]])
}

const told = ({ report }: RunResult) => [report.status, report.rejected.count]

it('tells a value that cannot be used once, though its source gives it again', async () => {
  const bad = { user: 'ada', at: NOW - 5, trait: 'ltv', value: 'high' }
  bench.records = [bad, { user: 'bob', at: NOW - 5, trait: 'ltv', value: 7 }]

  expect(told(await bench.run({ sources: again() }))).toEqual(['partial', 1])
  expect(told(await bench.run({ sources: again() }))).toEqual(['done', 0])
  bench.records = [...bench.records, { ...bad, at: NOW - 4, value: 'higher' }]
  expect(told(await bench.run({ sources: again() }))).toEqual(['partial', 1])
  expect(told(await bench.run({ sources: again(), kind: REREAD }))[0]).toBe('partial')
})
