import type { SourcePosition } from '@engage-sync/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DeferredUsers } from '../../../src/engine/deferred/index.ts'
import { INCREMENTAL, REREAD } from '../../../src/engine/index.ts'
import type { RunKind } from '../../../src/engine/index.ts'
import { resolveMappings } from '../../../src/engine/mappings/index.ts'
import { chooseRanges } from '../../../src/engine/reading/index.ts'
import { Bench, compile, listSource, NOW, wholeSource } from '../harness.ts'

const KNOWN = 'traits: { plan: plan }\n'
const ONE_MORE =
  'backfill: true\ntraits: { plan: { attribute: plan, backfill: false }, tier: tier }\n'
const JOINING = `identity: { external_id: userId, alias: { from: anonymousId, label: anonymous, promote: identify } }\n${ONE_MORE}`
const LISTED = listSource(() => ['{}', '{}'])

let bench: Bench

beforeEach(async () => {
  bench = new Bench({ shop: KNOWN })
  bench.records = [{ user: 'u1', at: NOW - 20, trait: 'plan', value: 'pro' }]
  await bench.run()
})
afterEach(() => bench.close())

interface Choice {
  readonly shop: string
  readonly kind?: RunKind
  readonly saved?: SourcePosition | null
  readonly source?: typeof LISTED | ReturnType<typeof wholeSource>
  readonly waiting?: readonly string[]
}

/** Kind and start of each range a run reads. */
async function rangesFor({
  shop,
  kind = INCREMENTAL,
  saved = 1,
  source = LISTED,
  waiting = [],
}: Choice) {
  const mappings = await bench.withStore((store) =>
    resolveMappings(store, compile({ shop }), { nowMs: NOW }),
  )
  const letter = {
    id: 1,
    partition: 0,
    user: 'u1',
    source: 'engage',
    records: waiting,
    doubted: [],
    unanswered: [],
  }
  const ranges = chooseRanges({
    kind,
    sources: new Map([['engage', source]]),
    mappings,
    deferred: new DeferredUsers(waiting.length === 0 ? [] : [letter], kind),
    retried: null,
    upTo: new Map(),
    saved: saved === null ? new Map() : new Map([['engage', saved]]),
  })
  return ranges.get('engage')!.map((range) => [range.kind, range.from, range.deferred.length])
}

it.each([
  ['what is new since the last run', { shop: KNOWN }, [['new', 1, 0]]],
  ['everything, the first time', { shop: KNOWN, saved: null }, [['new', null, 0]]],
  ['everything when it is told to', { shop: KNOWN, kind: REREAD }, [['new', null, 0]]],
  [
    'history for a mapping that is new, then what is new',
    { shop: ONE_MORE },
    [
      ['history', null, 0],
      ['new', 1, 0],
    ],
  ],
  [
    'all at once where the source cannot end at a position',
    { shop: ONE_MORE, source: wholeSource(LISTED) },
    [['new', null, 0]],
  ],
  ['all at once where any record may join an alias', { shop: JOINING }, [['new', null, 0]]],
  ['what waited with what is new', { shop: KNOWN, waiting: ['{}'] }, [['new', 1, 1]]],
  [
    'what waited before history',
    { shop: ONE_MORE, waiting: ['{}'] },
    [
      ['deferred', null, 1],
      ['history', null, 0],
      ['new', 1, 0],
    ],
  ],
] as const)('reads %s', async (_, choice, ranges) => {
  expect(await rangesFor(choice)).toEqual(ranges)
})
