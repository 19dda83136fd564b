import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { FaultOptions } from '@engage-sync/braze-simulator'
import { REREAD } from '../../src/engine/index.ts'
import { addsUp, eventDifference, recoveredOf, withoutEvents } from '../crash/compare.ts'
import type { Dump } from '../crash/world.ts'
import { Sea } from './sea.ts'
import type { SeaOptions } from './sea.ts'

let calm: Dump
let sea: Sea

beforeAll(async () => {
  const quiet = await Sea.open()
  await quiet.runToEnd()
  calm = await quiet.dump()
  await quiet.close()
})
afterEach(() => sea.close())

const TRACK = '/users/track'

interface Weather {
  readonly name: string
  readonly options?: SeaOptions
  readonly faults: readonly FaultOptions[]
}

/** Faults the adapter outlasts within one run: nothing is repeated, lost or paid twice. */
const OUTLASTED: readonly Weather[] = [
  {
    name: 'a storm of 429s',
    faults: [{ kind: 'status', status: 429, retry_after: 0, probability: 0.5 }],
    options: { budgetMs: 30_000 },
  },
  {
    name: 'server errors that pass',
    faults: [500, 502, 503, 504].map((status) => ({ kind: 'status', status, probability: 0.15 })),
    options: { budgetMs: 30_000 },
  },
  { name: 'slow answers', faults: [{ kind: 'slow', delay_ms: 150, probability: 0.5 }] },
  {
    name: 'objects that are applied later and in any order, within settle',
    faults: [],
    options: { settings: { applyDelayMs: 20, applyShuffle: true }, settleMs: 60 },
  },
]

/** Faults that leave an outcome unknown, or end a run: later runs bring everything in line. */
const SURVIVED: readonly Weather[] = [
  {
    name: 'connections cut before anything was applied',
    faults: [{ kind: 'reset', path: TRACK, probability: 0.4, next: 6 }],
  },
  {
    name: 'connections cut after everything was applied',
    faults: [{ kind: 'reset', path: TRACK, after_apply: true, probability: 0.4, next: 6 }],
  },
  {
    name: 'answers that never come',
    faults: [{ kind: 'timeout', path: TRACK, after_apply: true, next: 2, skip: 1 }],
    // A busy machine answers late, too: what is not there yet must not be believed at once.
    options: { timeoutMs: 300, verifyAfterMs: 1500 },
  },
  {
    name: 'successes that do not say so',
    faults: [{ kind: 'no_message', path: TRACK, next: 2, skip: 1 }],
  },
  {
    name: 'answers that are no JSON',
    faults: [{ kind: 'garbage', path: TRACK, next: 2, skip: 1 }],
  },
  {
    name: 'a Braze that is dead for a while',
    faults: [{ kind: 'status', status: 503, next: 25 }],
    options: { budgetMs: 150 },
  },
  {
    name: 'membership requests that fail',
    faults: [{ kind: 'status', status: 500, path: '/partners/*', next: 8 }],
    options: { budgetMs: 150 },
  },
]

describe('faults that are outlasted', () => {
  it.each(OUTLASTED)('$name', async ({ faults, options }) => {
    sea = await Sea.open(options)
    for (const fault of faults) sea.addFault(fault)

    const { report, failure } = await sea.run()
    const dump = await sea.dump()

    expect(failure).toBeNull()
    expect(addsUp(report)).toBe(true)
    expect(withoutEvents(dump)).toEqual(withoutEvents(calm))
    expect(eventDifference(dump, calm)).toEqual({ more: 0, fewer: 0 })
    expect(dump.ledger).toEqual(calm.ledger)
  })
})

describe('faults that are survived', () => {
  it.each(SURVIVED)('$name', async ({ faults, options }) => {
    sea = await Sea.open(options)
    for (const fault of faults) sea.addFault(fault)

    const results = await sea.runToEnd()
    const dump = await sea.dump()

    expect(withoutEvents(dump)).toEqual(withoutEvents(calm))
    expect(eventDifference(dump, calm)).toEqual({ more: 0, fewer: 0 })
    for (const { report } of results) {
      const { read, ...classes } = report.records
      expect(Object.values(classes).reduce((sum, count) => sum + count, 0)).toBe(read)
    }
    const sent = results.reduce((sum, { report }) => sum + report.braze.events, 0)
    expect(sent + recoveredOf(results.map(({ report }) => report)).verified).toBe(
      calm.ledger['events'] - sea.eventsBefore,
    )
  })

  it('objects that Braze refuses, each with its own reason, and never twice', async () => {
    sea = await Sea.open()
    sea.addFault({ kind: 'partial', path: TRACK, indexes: [0, 2], next: 1 })

    const first = await sea.run()
    const again = await sea.run({ kind: REREAD })

    expect(first.report).toMatchObject({ status: 'partial', braze: { pending: 0 } })
    expect(first.report.dead_letters).toBe(first.report.braze.rejected)
    expect(first.report.braze.rejected).toBeGreaterThan(1)
    expect(again.report.braze).toMatchObject({ attributes: 0, events: 0, rejected: 0 })
  })
})
