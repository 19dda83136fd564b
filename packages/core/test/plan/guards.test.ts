import { expect, it } from 'vitest'
import { checkGuards } from '../../src/index.ts'
import type { GuardLimits, PlanSummary } from '../../src/index.ts'

const LIMITS: GuardLimits = {
  maxRemovals: 0.2,
  minRemovals: 50,
  maxAdditions: 0.5,
  maxDataPoints: null,
}

/** What guards say of a membership of 85 members. */
function saidOf(parts: { readonly additions?: number; readonly removals?: number }) {
  const plan = { id: 'shop:audiences.vip', additions: 0, removals: 0, ...parts }
  const summary = { mappings: new Map([[plan.id, plan]]), dataPoints: 0 } as unknown as PlanSummary
  const members = new Map([[plan.id, 85]])
  return checkGuards(summary, LIMITS, { members, allowed: [] }).map(({ message }) => message)
}

it('tells what part of the members leaves', () => {
  expect(saidOf({ removals: 67 })).toEqual([
    'shop:audiences.vip would remove 67 members; it has 85 (79%), and max_removals allows 50',
  ])
})

it('tells how many times as many come, where a percentage would be none to read', () => {
  expect(saidOf({ additions: 6392 })).toEqual([
    'shop:audiences.vip would add 6,392 members; it has 85 (75 times that), and max_additions allows 1,000',
  ])
})
