import { isDeepStrictEqual } from 'node:util'
import { itemAt } from '@engage-sync/core'
import type { MappingPlan, PlanSummary, SourcePosition } from '@engage-sync/core'
import type { PartPlan } from '../request/index.ts'

/** Where the sources of parts ended that did not end at the same place, or null. */
export type Ends = ReadonlyMap<string, SourcePosition | null>

/**
 * Where all parts are to read to, since they did not read the same: a source grew meanwhile. Null
 * where they did.
 *
 * @param plans - one at least
 */
export function endsApart(plans: readonly PartPlan[]): Ends | null {
  const { positions } = itemAt(plans, 0)
  const sources = new Set(plans.flatMap((plan) => [...plan.positions.keys()]))
  const ends = new Map([...sources].map((source) => [source, positions.get(source) ?? null]))
  return plans.every((plan) => isReadTo(plan, ends)) ? null : ends
}

/** Whether a part read each source just as far. */
export function isReadTo({ positions }: Pick<PartPlan, 'positions'>, ends: Ends): boolean {
  return [...ends].every(([source, end]) => isDeepStrictEqual(positions.get(source) ?? null, end))
}

/**
 * Whether a plan is of the same records as another one, and nothing that guards count is more in it.
 * It may take users out of a cohort who never were in it, where it is not known whether they were
 * brought in.
 */
export function isWithin(plan: PartPlan, judged: PartPlan): boolean {
  if (!isReadTo(plan, judged.positions)) return false
  if (plan.deletions > judged.deletions || plan.rejected.count > judged.rejected.count) return false
  if (pointsOf(plan) > pointsOf(judged)) return false
  return [...plan.summary.mappings.values()].every(({ id, additions, removals }) => {
    const before = judged.summary.mappings.get(id)
    return additions <= (before?.additions ?? 0) && removals <= (before?.removals ?? 0)
  })
}

/** Data points, but for those of leaving a cohort. */
function pointsOf({ summary }: PartPlan): number {
  return summary.dataPoints - summary.cohortRemovals
}

/** The plan of a run, of those of its parts. @param plans - one at least; they read the same */
export function joinPlans(plans: readonly PartPlan[]): PartPlan {
  const first = itemAt(plans, 0)
  return {
    summary: joinSummaries(plans.map(({ summary }) => summary)),
    deletions: sumOf(plans, ({ deletions }) => deletions),
    rejected: {
      count: sumOf(plans, ({ rejected }) => rejected.count),
      of: sumOf(plans, ({ rejected }) => rejected.of),
    },
    passes: Math.max(...plans.map(({ passes }) => passes)),
    reads: first.reads,
    positions: first.positions,
  }
}

function joinSummaries(summaries: readonly PlanSummary[]): PlanSummary {
  const mappings = new Map<string, MappingPlan>()
  for (const plan of summaries.flatMap((summary) => [...summary.mappings.values()])) {
    const known = mappings.get(plan.id)
    mappings.set(plan.id, known === undefined ? plan : { ...addNumbers(known, plan), id: plan.id })
  }
  const sum = (of: (summary: PlanSummary) => number) => sumOf(summaries, of)
  const [first, ...others] = summaries.map(({ users, kinds }) => ({ users, kinds }))
  const { users, kinds } = others.reduce(
    (all, one) => ({
      users: addNumbers(all.users, one.users),
      kinds: addNumbers(all.kinds, one.kinds),
    }),
    first!,
  )
  return {
    mappings,
    users,
    attributes: sum(({ attributes }) => attributes),
    events: sum(({ events }) => events),
    cohortAdds: sum(({ cohortAdds }) => cohortAdds),
    cohortRemovals: sum(({ cohortRemovals }) => cohortRemovals),
    dataPoints: sum(({ dataPoints }) => dataPoints),
    effect: null,
    undone: sum(({ undone }) => undone),
    digest: joinDigests(summaries.map(({ digest }) => digest)),
    kinds,
  }
}

/** Digits of each of the two sums a digest is made of. */
const HALF = 8

/** A digest of updates is a sum over them, whoever adds it up. */
function joinDigests(digests: readonly string[]): string {
  const half = (from: number) =>
    (sumOf(digests, (digest) => Number.parseInt(digest.slice(from, from + HALF), 16)) % 2 ** 32)
      .toString(16)
      .padStart(HALF, '0')
  return half(0) + half(HALF)
}

function sumOf<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0)
}

/** Two records of the same form with their numbers added; all else is as in the first. */
export function addNumbers<T extends object>(one: T, other: T): T {
  const added = Object.entries(one).map(([name, value]) => {
    const more: unknown = other[name as keyof T]
    return [name, typeof value === 'number' && typeof more === 'number' ? value + more : value]
  })
  return Object.fromEntries(added) as T
}
