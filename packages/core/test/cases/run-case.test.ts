import { describe, expect, it } from 'vitest'
import type { DecodePlan, RowDecoder } from '@engage-sync/contract'
import { compareCase } from '../../src/cases/compare.ts'
import { runCase } from '../../src/cases/run-case.ts'
import type { CaseResult } from '../../src/cases/actual.ts'
import { compileSync } from '../../src/mapping/compile.ts'
import { createTestDecoder } from '../simple-decoder.ts'
import type { TestRecord } from '../simple-decoder.ts'
import { loadSync } from './load.ts'

const SYNC = `identity: { external_id: userId, alias: { from: anonymousId, label: anon } }
traits:
  ltv: { attribute: ltv, type: number, event: Trait Computed }
  tags: { attribute: tags, type: array, array: update }
  store: { attribute: store, type: object, merge: true }
audiences:
  vip: { attribute: vip, event: { entered: Entered, exited: Exited }, cohort: VIPs }
  news: { subscription_group: 00000000-0000-4000-8000-000000000001 }
segments:
  buyers: { when: { event: Trait Computed, more_than: 1 }, cohort: Buyers }
  lately: { when: { event: Trait Computed, more_than: 0, within_days: 7 }, attribute: lately }
`

/** Reads Engage's envelope plainly; the real decoder has its own package. */
function createDecoder(plan: DecodePlan): RowDecoder {
  const decoder = createTestDecoder(plan)
  return {
    decode(bytes, start, end) {
      const call = JSON.parse(new TextDecoder().decode(bytes.subarray(start, end)))
      const values = call.properties ?? call.traits
      const isAudience = call.context.personas.computation_class === 'audience'
      const record: TestRecord = {
        user: call.userId,
        alias: call.anonymousId,
        at: Date.parse(call.timestamp),
        ...(isAudience ? { audience: values } : { trait: values }),
      }
      const text = new TextEncoder().encode(JSON.stringify(record))
      return decoder.decode(text, 0, text.length)
    },
  }
}

function run(body: string): { result: CaseResult; differences: ReturnType<typeof compareCase> } {
  const indented = body.replaceAll('\n', '\n    ')
  const { sync, cases } = loadSync(SYNC, `cases:\n  - name: one\n    ${indented}`)
  const result = runCase(cases[0], { sync, compiled: compileSync(sync), createDecoder })
  return { result, differences: compareCase(cases[0], result) }
}

describe('runCase', () => {
  it.each([
    [
      'a value that is known is not sent again',
      'profile: { traits: { ltv: 3 } }',
      '[{ trait: { ltv: 3 } }]',
      '{ attributes: {}, events: [] }',
    ],
    [
      'a difference starts from what is known',
      'profile: { traits: { tags: [a, b] } }',
      '[{ trait: { tags: [b, c] } }]',
      '{ attributes: { tags: { add: [c], remove: [a] } } }',
    ],
    [
      'options of the request are no attributes',
      'user: ada',
      '[{ trait: { store: { city: Berlin } } }]',
      '{ attributes: { store: { city: Berlin } } }',
    ],
    [
      'who was a member leaves',
      'profile: { audiences: { vip: true } }',
      '[{ audience: { vip: false } }]',
      '{ attributes: { vip: false }, events: [Exited], cohorts: { VIPs: remove } }',
    ],
    [
      'subscription groups stand apart',
      'user: ada',
      '[{ audience: { news: true } }]',
      '{ attributes: {}, subscription_groups: { 00000000-0000-4000-8000-000000000001: subscribed } }',
    ],
    [
      'known values count no event',
      'profile: { traits: { ltv: 1 } }',
      '[{ trait: { ltv: 2 } }]',
      '{ segments: { buyers: false } }',
    ],
    [
      'known events count',
      'profile: { events: { Trait Computed: 1 } }',
      '[{ trait: { ltv: 2 } }]',
      '{ segments: { buyers: true }, cohorts: { Buyers: add } }',
    ],
    [
      'a known segment is not joined again',
      'profile: { segments: { buyers: true }, events: { Trait Computed: 5 } }',
      '[]',
      '{ segments: { buyers: true }, cohorts: {} }',
    ],
    [
      'a known segment is left when nothing holds it',
      'profile: { segments: { buyers: true } }',
      '[]',
      '{ segments: { buyers: false }, cohorts: { Buyers: remove } }',
    ],
    [
      'known events have their days',
      'profile: { events: { Trait Computed: [2026-01-09T00:00:00Z] } }',
      '[]',
      '{ segments: { lately: true }, attributes: { lately: true } }',
    ],
    [
      'and fall out of a window',
      'profile: { events: { Trait Computed: [2026-01-01T00:00:00Z] } }',
      '[]',
      '{ segments: { lately: false }, attributes: {} }',
    ],
    [
      'anonymous users go by their alias',
      'profiles: { a1: { traits: { ltv: 1 } } }',
      '[{ anonymous_id: a1, trait: { ltv: 1 } }]',
      '{ attributes: {} }',
    ],
    [
      'a rejected value is told by its key',
      'user: ada',
      '[{ trait: { ltv: plenty } }]',
      '{ attributes: {}, rejected: [{ code: CAST_NUMBER, key: ltv }] }',
    ],
  ])('%s', (_name, before, events, expected) => {
    expect(run(`${before}\nevents: ${events}\nexpect: ${expected}`).differences).toEqual([])
  })

  it('keeps users apart', () => {
    const { result } = run(
      'events: [{ user: ada, trait: { ltv: 1 } }, { anonymous_id: a1, audience: { vip: true } }]\nexpect: {}',
    )

    expect([...result.keys()]).toEqual(['ada', 'a1'])
    expect(Object.fromEntries(result.get('ada')!.attributes)).toEqual({ ltv: 1, lately: true })
    expect(result.get('a1')!.cohorts).toEqual(new Map([['VIPs', 'add']]))
  })

  it('tells what was sent when the case expected something else', () => {
    const { differences } = run(
      'events: [{ trait: { ltv: 4 } }]\nexpect: { attributes: { ltv: 5 } }',
    )

    expect(differences).toMatchObject([
      { section: 'attributes', name: 'ltv', expected: '5', actual: '4' },
      { section: 'attributes', name: 'lately', expected: null, actual: 'true' },
    ])
  })
})
