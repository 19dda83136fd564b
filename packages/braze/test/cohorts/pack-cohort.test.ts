import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CohortMember } from '@engage-sync/contract'
import { readCohortBody } from '../../src/cohorts/cohort-body.ts'
import { LIMITS } from '../../src/limits.ts'
import { packCohort } from '../../src/cohorts/pack-cohort.ts'
import { alias } from '../updates.ts'

function pack(members: readonly CohortMember[]) {
  let id = 0
  return packCohort('vip', members, { path: '/partners/acme/cohorts/users', nextId: () => ++id })
}

const member = (update: number, user: CohortMember['user'], isMember = true): CohortMember => ({
  update,
  ref: 0,
  user,
  member: isMember,
})
const idsOf = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    member(
      index,
      index % 3 === 0 ? alias(`u${index}`) : { externalId: `u${index}` },
      index % 2 === 0,
    ),
  )

describe('packCohort', () => {
  it('gives nothing for nothing', () => {
    expect(pack([])).toEqual([])
  })

  it.each([
    [1, [1]],
    [1000, [1000]],
    [1001, [1000, 1]],
    [2500, [1000, 1000, 500]],
  ])('counts ids of all kinds: %i', (count, expected) => {
    const requests = pack(idsOf(count))

    expect(requests.map(({ parts }) => parts.length)).toEqual(expected)
    expect(requests.map(({ after }) => after)).toEqual(
      [null, ...requests.map(({ id }) => id)].slice(0, requests.length),
    )
    expect(
      requests.every(
        ({ needsMark, path }) => !needsMark && path === '/partners/acme/cohorts/users',
      ),
    ).toBe(true)
  })

  it('names the parts in body order', () => {
    const [request] = pack([
      member(1, { externalId: 'out' }, false),
      member(2, alias('in')),
      member(3, { externalId: 'in' }),
      member(4, alias('out'), false),
    ])

    expect(request.parts.map(({ update }) => update)).toEqual([3, 2, 1, 4])
    expect(readCohortBody(request.body).entries.map(({ remove }) => remove)).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  it('keeps bodies below the limit, keys and escapes included', () => {
    const requests = pack(
      Array.from({ length: 1000 }, (_, index) =>
        member(index, { externalId: '\u0001'.repeat(980) + index }),
      ),
    )

    expect(requests.length).toBeGreaterThan(1)
    for (const { body } of requests) expect(body.length).toBeLessThan(LIMITS.bodyBytes - 10_000)
  })

  it('loses nothing, doubles nothing, and keeps each user once a request, in order', () => {
    const user = fc.oneof(
      fc.nat(30).map((id) => ({ externalId: `u${id}` })),
      fc.nat(30).map((id) => alias(`u${id}`)),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(user, fc.boolean()), { maxLength: 80 }), (changes) => {
        const members = changes.map(([each, isMember], update) => member(update, each, isMember))
        const sent: number[] = []
        const lastOf = new Map<string, number>()
        for (const { body, parts } of pack(members)) {
          const { entries } = readCohortBody(body)
          expect(entries).toHaveLength(parts.length)
          expect(new Set(entries.map(({ id }) => JSON.stringify(id))).size).toBe(entries.length)
          parts.forEach(({ update }, index) => {
            const key = JSON.stringify(entries[index].id)
            expect(entries[index].remove).toBe(!members[update].member)
            expect(update).toBeGreaterThan(lastOf.get(key) ?? -1)
            lastOf.set(key, update)
            sent.push(update)
          })
        }
        expect(sent.toSorted((a, b) => a - b)).toEqual(members.map(({ update }) => update))
      }),
    )
  })
})
