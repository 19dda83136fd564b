import { describe, expect, it } from 'vitest'
import { compileSync, loadConfig, MemoryRun } from '../../src/index.ts'
import { createTestDecoder } from '../simple-decoder.ts'
import type { TestRecord } from '../simple-decoder.ts'

const PROJECT =
  'version: 1\nenvironments:\n  local:\n    braze: { endpoint: simulator }\n    sources: { engage: { events: data } }\n'
const SYNC = `version: 1
source: engage
backfill: false
traits:
  plan: plan
  is_adult: is_adult
audiences:
  vip: { attribute: vip, event: { exited: Out } }
  gold: { attribute: flags.gold }
  beta: { attribute: beta, on_exit: unset }
`
const NOW = Date.parse('2026-03-01T12:00:00Z')

function newRun(bornAtMs?: number): MemoryRun {
  const { syncs } = loadConfig([
    { path: 'configs/engage-sync.yaml', text: PROJECT },
    { path: 'configs/shop.yaml', text: SYNC },
  ])
  const compiled = syncs.map((sync) => compileSync(sync))
  return new MemoryRun({ syncs: compiled, createDecoder: createTestDecoder, nowMs: NOW, bornAtMs })
}

let at = NOW - 1_000_000
const trait = (values: Record<string, unknown>): TestRecord => ({
  user: 'ada',
  at: (at += 1000),
  trait: values,
})
const audience = (values: Record<string, boolean>): TestRecord => ({
  user: 'ada',
  at: (at += 1000),
  audience: values,
})

function sent(run: MemoryRun, ...records: readonly TestRecord[]) {
  const { updates } = run.batch(records.map((record) => JSON.stringify(record)))
  return updates.map(({ attributes, createsUser, events }) => ({
    attributes,
    createsUser,
    events: events.length,
  }))
}

const both = { vip: false, flags: { gold: false }, _merge_objects: true }

describe('a first false', () => {
  it('creates nobody, and travels again with the update that does', () => {
    const run = newRun()

    expect(
      sent(run, audience({ vip: false }), audience({ gold: false }), audience({ beta: false })),
    ).toEqual([{ attributes: both, createsUser: false, events: 0 }])
    expect(sent(run, audience({ vip: false }))).toEqual([])
    expect(sent(run, trait({ plan: 'pro' }))).toEqual([
      { attributes: { plan: 'pro', ...both }, createsUser: true, events: 0 },
    ])
    expect(sent(run, trait({ plan: 'free' }))).toEqual([
      { attributes: { plan: 'free' }, createsUser: true, events: 0 },
    ])
  })

  it('goes along where something else creates the user at once', () => {
    const run = newRun()

    expect(sent(run, audience({ vip: false }), trait({ plan: 'pro' }))).toEqual([
      { attributes: { plan: 'pro', vip: false }, createsUser: true, events: 0 },
    ])
    expect(sent(run, audience({ gold: false }))).toEqual([
      {
        attributes: { flags: { gold: false }, _merge_objects: true },
        createsUser: true,
        events: 0,
      },
    ])
  })

  it('is no reason after an unset either, and is one in a trait', () => {
    const run = newRun()
    sent(run, audience({ vip: false }))

    expect(sent(run, trait({ plan: null }))).toEqual([])
    expect(sent(run, trait({ is_adult: false }))).toEqual([
      { attributes: { is_adult: false, vip: false }, createsUser: true, events: 0 },
    ])
  })

  it('is told anew where it ends as it was', () => {
    const run = newRun()
    sent(run, audience({ vip: false }))

    expect(
      sent(run, audience({ vip: true }), audience({ vip: false }), trait({ plan: 'pro' })),
    ).toMatchObject([{ attributes: { plan: 'pro', vip: false }, createsUser: true }])
  })

  it('that is history is known, and not sent', () => {
    const old = audience({ vip: false })
    const run = newRun(old.at + 1)
    const recent = trait({ plan: 'pro' })

    expect(sent(run, { ...old, at: old.at - 1 })).toEqual([])
    expect(sent(run, recent)).toEqual([
      { attributes: { plan: 'pro' }, createsUser: true, events: 0 },
    ])
  })
})
