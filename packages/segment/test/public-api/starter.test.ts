import { loadConfig } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { starterYaml } from '../../src/public-api/index.ts'
import { audience, computedTrait, subscription } from './computations.ts'

const project = {
  path: 'configs/engage-sync.yaml',
  text: 'version: 1\nenvironments:\n  local:\n    braze: { endpoint: simulator }\n    sources:\n      engage: { events: data/** }\n',
}

function errorsOf(text: string) {
  return loadConfig([project, { path: 'configs/starter.yaml', text }]).diagnostics.filter(
    ({ severity }) => severity === 'error',
  )
}

describe('starterYaml', () => {
  it('writes the computations of a space as attributes, sorted', () => {
    const text = starterYaml({
      audiences: [audience('vip')],
      computedTraits: [computedTrait('ltv', { cadence: 'batch' }), computedTrait('city')],
    })

    expect(text).toBe(`version: 1
description: What Engage computes in this space.
source: engage
identity:
  external_id: userId
traits:
  # The city: in real time, with historical data
  city: city
  # The ltv: in batches, with historical data
  ltv: ltv
audiences:
  # The vip: in real time, with historical data
  vip: vip
`)
    expect(errorsOf(text)).toEqual([])
  })

  it('keeps disabled computations as comments', () => {
    const text = starterYaml({
      audiences: [audience('vip', { enabled: false })],
      computedTraits: [computedTrait('ltv')],
    })

    expect(text).toContain(
      'audiences: {}\n  # The vip: in real time, with historical data; disabled in Segment\n  # vip: vip',
    )
    expect(errorsOf(text)).toEqual([])
  })

  it('does what the mappings in Segment do', () => {
    const text = starterYaml({
      audiences: [audience('vip', { name: 'Very: "important"\nusers' })],
      computedTraits: [computedTrait('ltv')],
      subscriptions: [
        subscription('trackEvent', 'event = "Audience Entered" or event = "Trait Computed"'),
        subscription('syncAudiences', 'event = "Audience Entered"'),
        subscription('trackPurchase', 'event = "Order Completed"'),
      ],
    })

    expect(text).toContain('  ltv:\n    attribute: ltv\n    event: Trait Computed\n')
    expect(text).toContain(
      '  vip:\n    attribute: vip\n    event: { entered: Audience Entered, exited: Audience Exited }\n    cohort: "Very: \\"important\\" users"\n',
    )
    expect(errorsOf(text)).toEqual([])
  })

  it('ignores mappings that are disabled or take other events', () => {
    const subscriptions = [
      subscription('trackEvent', 'event = "Order Completed"'),
      subscription('syncAudiences', 'type = "track"', false),
    ]

    expect(
      starterYaml({ audiences: [audience('vip')], computedTraits: [], subscriptions }),
    ).toContain('\n  vip: vip\n')
  })

  it('quotes what YAML would read otherwise, and renames what Braze refuses', () => {
    const text = starterYaml({
      audiences: [audience('no'), audience('with: colon'), audience('123')],
      computedTraits: [computedTrait('external_id')],
    })

    expect(text).toContain('"no": "no"')
    expect(text).toContain('external_id: segment_external_id')
    expect(errorsOf(text)).toEqual([])
  })

  it('writes an empty sync for an empty space', () => {
    expect(errorsOf(starterYaml({ audiences: [], computedTraits: [] }))).toEqual([])
  })
})
