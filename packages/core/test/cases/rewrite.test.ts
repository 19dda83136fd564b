import fc from 'fast-check'
import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import type { AcceptedExpectation } from '../../src/cases/accept.ts'
import { casesYaml, rewriteExpectations } from '../../src/cases/rewrite.ts'

const TEXT = `# Cases of the shop.
version: 1

cases:
  - name: one   # the first
    expect:
      attributes: { ltv: 1 }   # was one
      events: [Bought]

  # Why the second is here.
  - { name: two, expect: {} }
  - name: three
    expect: {}
  - expect:
      rejected:
        - CAST_NUMBER
    name: four
`

function rewrite(accepted: Readonly<Record<number, unknown>>): string {
  return rewriteExpectations(
    TEXT,
    new Map(
      Object.entries(accepted).map(([index, each]) => [Number(index), each as AcceptedExpectation]),
    ),
  )
}

describe('rewriteExpectations', () => {
  it('changes the expectations named, and nothing else', () => {
    const text = rewrite({
      0: { attributes: { ltv: 2, name: 'a: b' } },
      1: { events: ['Left'] },
      3: { rejected: [] },
    })

    expect(text).toBe(`# Cases of the shop.
version: 1

cases:
  - name: one   # the first
    expect:
      attributes: { ltv: 2, name: 'a: b' }

  # Why the second is here.
  - { name: two, expect: { events: [Left] } }
  - name: three
    expect: {}
  - expect:
      rejected: []
    name: four
`)
  })

  it('writes a block where there was an empty value, and an empty value where there was a block', () => {
    expect(parse(rewrite({ 0: {}, 2: { cohorts: { VIPs: 'add' } } })).cases).toMatchObject([
      { name: 'one', expect: {} },
      { name: 'two' },
      { name: 'three', expect: { cohorts: { VIPs: 'add' } } },
      { name: 'four' },
    ])
  })

  it('puts what is too long for a line into several', () => {
    const events = Array.from({ length: 4 }, (_, index) => ({
      name: 'Something Long Happened',
      properties: { index },
    }))

    const text = rewrite({ 2: { events } })

    expect(text).toContain(
      '      events:\n        - { name: Something Long Happened, properties: { index: 0 } }\n',
    )
    expect(parse(text).cases[2].expect).toEqual({ events })
  })

  it('leaves a text without cases as it is', () => {
    expect(rewriteExpectations('version: 1\n', new Map([[0, {} as AcceptedExpectation]]))).toBe(
      'version: 1\n',
    )
  })

  it('writes what reads back as the same, whatever it is', () => {
    const json = fc.jsonValue({ maxDepth: 3 })
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), json),
        fc.integer({ min: 0, max: 3 }),
        (attributes, index) => {
          const before = parse(TEXT)
          const after = parse(rewrite({ [index]: { attributes } }))

          expect(after.cases[index].expect).toEqual({ attributes })
          expect(after.cases.filter((_: unknown, at: number) => at !== index)).toEqual(
            before.cases.filter((_: unknown, at: number) => at !== index),
          )
        },
      ),
      { numRuns: 150 },
    )
  })
})

it('writes a cases file a person could have written', () => {
  const text = casesYaml({
    version: 1,
    cases: [
      {
        name: 'draft: u1',
        user: 'u1',
        events: [{ user: 'u1', trait: { ltv: 5 } }],
        expect: { attributes: { ltv: 5 } },
      },
    ],
  })

  expect(text).toBe(`version: 1

cases:
  - name: 'draft: u1'
    user: u1
    events:
      - { user: u1, trait: { ltv: 5 } }
    expect:
      attributes: { ltv: 5 }

`)
})
