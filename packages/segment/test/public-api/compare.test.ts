import { describe, expect, it } from 'vitest'
import { compareSizes, compareWithSpace } from '../../src/public-api/index.ts'
import { audience, computedTrait } from './computations.ts'

const space = {
  audiences: [
    audience('vip'),
    audience('dormant_shopper', { enabled: false }),
    audience('broken', { status: 'Failed' }),
  ],
  computedTraits: [
    computedTrait('lifetime_value', { cadence: 'batch', includesHistory: true, lookBackDays: 90 }),
  ],
}

function codes(kind: 'trait' | 'audience', key: string) {
  return compareWithSpace([{ kind, key }], space).map(
    ({ severity, code, hint }) => `${severity} ${code}${hint === undefined ? '' : ` ${hint}`}`,
  )
}

describe('compareWithSpace', () => {
  it.each([
    ['audience', 'vip', ['info SPACE_COMPUTED']],
    ['audience', 'Dormant-Shoper', ['error SPACE_UNKNOWN_KEY Did you mean "dormant_shopper"?']],
    ['audience', 'lifetime_value', ['error SPACE_OTHER_KIND Move it to `traits:`.']],
    ['trait', 'vip', ['error SPACE_OTHER_KIND Move it to `audiences:`.']],
    ['trait', 'something_else', ['error SPACE_UNKNOWN_KEY Known: lifetime_value.']],
    ['audience', 'j_o_welcome__step_1', ['info SPACE_UNLISTED']],
    [
      'audience',
      'dormant_shopper',
      [
        'warning SPACE_DISABLED Enable it in Segment, or remove its mapping.',
        'info SPACE_COMPUTED',
      ],
    ],
    ['audience', 'broken', ['warning SPACE_FAILED Look at it in Segment.', 'info SPACE_COMPUTED']],
  ] as const)('%s %s', (kind, key, expected) => {
    expect(codes(kind, key)).toEqual(expected)
  })

  it('tells how Segment computes a key', () => {
    const [{ message }] = compareWithSpace([{ kind: 'trait', key: 'lifetime_value' }], space)

    expect(message).toBe('"lifetime_value": in batches, with 90 days of historical data')
  })

  it('only warns of an unlisted trait when told so, unless it is near a known one', () => {
    const wanted = [
      { kind: 'trait', key: 'sql_column' },
      { kind: 'trait', key: 'lifetime_valu' },
    ] as const

    expect(
      compareWithSpace(wanted, space, { unlistedTrait: 'warning' }).map(({ severity }) => severity),
    ).toEqual(['warning', 'error'])
  })

  it('finds nothing for nothing', () => {
    expect(compareWithSpace([], space)).toEqual([])
  })
})

describe('compareSizes', () => {
  it('puts both sides beside each other, and knows what it does not know', () => {
    const audiences = [audience('vip', { size: 100 }), audience('other')]

    expect(
      compareSizes(
        audiences,
        new Map([
          ['vip', 98],
          ['other', 5],
          ['gone', 7],
          ['none', null],
        ]),
      ),
    ).toEqual([
      { key: 'vip', segment: 100, destination: 98, difference: -2 },
      { key: 'other', segment: null, destination: 5, difference: null },
      { key: 'gone', segment: null, destination: 7, difference: null },
      { key: 'none', segment: null, destination: null, difference: null },
    ])
  })
})
