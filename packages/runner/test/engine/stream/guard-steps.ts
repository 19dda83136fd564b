import fc from 'fast-check'
import type { MappingPlan, PlanSummary } from '@engage-sync/core'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const ID = 'shop:audiences.vip'
export const LIMITS = {
  maxRemovals: 0.2,
  minRemovals: 5,
  maxAdditions: 0.5,
  maxDataPoints: 40,
  maxRejected: 0.25,
}

/** What happens next: after so long, so much, and whether the process ended before. */
export interface Step {
  readonly afterMs: number
  readonly removals: number
  readonly additions: number
  readonly dataPoints: number
  readonly deletions: number
  readonly rejected: number
  readonly restarts: 'no' | 'ended' | 'killed'
}

const few = fc.integer({ min: 0, max: 4 })
const step: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.oneof(
    fc.integer({ min: 0, max: 20 * MINUTE }),
    fc.integer({ min: 55 * MINUTE, max: 65 * MINUTE }),
  ),
  removals: few,
  additions: few.map((each) => each * 300),
  dataPoints: fc.integer({ min: 0, max: 12 }),
  deletions: few,
  rejected: few,
  restarts: fc.constantFrom('no', 'ended', 'killed'),
})
export const steps = fc.array(step, { minLength: 1, maxLength: 40 })

export const QUIET: Step = {
  afterMs: 0,
  removals: 0,
  additions: 0,
  dataPoints: 0,
  deletions: 0,
  rejected: 0,
  restarts: 'no',
}

const NOTHING: MappingPlan = {
  id: ID,
  sync: 'shop',
  users: 0,
  new: 0,
  changed: 0,
  unset: 0,
  events: 0,
  cohortAdds: 0,
  cohortRemovals: 0,
  dataPoints: 0,
  additions: 0,
  removals: 0,
}

export function summaryOf({ removals, additions, dataPoints }: Step): PlanSummary {
  return {
    mappings: new Map([[ID, { ...NOTHING, removals, additions }]]),
    users: { seen: 0, changed: 0, created: 0, only_existing: 0 },
    attributes: 0,
    events: 0,
    cohortAdds: 0,
    cohortRemovals: 0,
    dataPoints,
    effect: null,
    undone: 0,
    digest: '',
    kinds: { additive: 0, changing: 0, destructive: 0 },
  }
}

export type Amounts = Pick<Step, 'removals' | 'additions' | 'dataPoints' | 'deletions'>

/** What was let pass, when, and how many members there were before it. */
export interface Passed extends Amounts {
  readonly atMs: number
  readonly members: number
}

/** The most of one kind that was let pass within a time, beside what its limit was as it began. */
export function worst(
  passed: readonly Passed[],
  lastsMs: number,
  { of, limitOf }: { of: keyof Amounts; limitOf: (members: number) => number },
): readonly { readonly used: number; readonly limit: number }[] {
  return passed.map(({ atMs: endMs }, index) => {
    const within = passed.slice(0, index + 1).filter(({ atMs }) => atMs > endMs - lastsMs)
    const used = within.reduce((sum, each) => sum + each[of], 0)
    const began = passed.filter(
      ({ atMs }, at) =>
        atMs > endMs - lastsMs - MINUTE &&
        (passed[at - 1] === undefined || passed[at - 1]!.atMs <= endMs - lastsMs + MINUTE),
    )
    const limit = Math.max(...began.map(({ members }) => limitOf(members)))
    return { used, limit }
  })
}

/** What the guards of `LIMITS` let pass at most, given the members an hour began with. */
export function boundsOf(passed: readonly Passed[]) {
  const share = (free: number, part: number) => (members: number) =>
    Math.max(free, Math.floor(part * members))
  return [
    ...worst(passed, HOUR, { of: 'removals', limitOf: share(5, 0.2) }),
    ...worst(passed, HOUR, { of: 'additions', limitOf: share(1000, 0.5) }),
    ...worst(passed, HOUR, { of: 'deletions', limitOf: () => 5 }),
    ...worst(passed, 24 * HOUR, { of: 'dataPoints', limitOf: () => 40 }),
  ]
}
