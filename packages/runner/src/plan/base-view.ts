import { inNaturalOrder } from '@engage-sync/core'
import type { MappingPlan } from '@engage-sync/core'
import type { PlanResult } from '../engine/index.ts'
import { viewMapping } from './mapping-view.ts'
import type { MappingView } from './mapping-view.ts'

/** A part of a plan: users who would get something of it, and what that costs. */
export interface PlanPart {
  readonly users: number
  readonly data_points: number
  /** By mapping; those that send nothing of it are left out. */
  readonly mappings: readonly MappingView[]
}

/**
 * A plan beside that of another configuration. The two parts add up to the whole, but for the users of a mapping: one
 * may get something of both.
 */
export interface BaseView {
  /** The git commit, as `--base` named it. */
  readonly ref: string
  /** What is sent only because of what changed since then. */
  readonly effect: PlanPart
  /** What would be sent anyway: users who get nothing else. */
  readonly waiting: PlanPart
  /** Attributes, events and memberships that the other configuration would send and this one does not. */
  readonly prevented: number
}

/** What changes are told of: against the other configuration where there is one, else the state. */
export function comparedOf(plan: PlanResult): Pick<
  PlanResult,
  'changed' | 'changes' | 'changedSyncs' | 'pausedSyncs' | 'left' | 'members'
> & {
  readonly summary: Pick<PlanResult['summary'], 'mappings'>
} {
  const { base, members } = plan
  if (base === null) return plan
  const { effect, ...compared } = base
  return { ...compared, members, summary: effect }
}

/** Tells the effect of the change from what waits anyway. */
export function viewBase(
  { base, summary, members }: Pick<PlanResult, 'base' | 'summary' | 'members'>,
  ref: string | null,
  nameOf: (id: string) => string,
): BaseView | null {
  if (base === null || ref === null) return null
  const { effect } = base
  const view = (plans: Iterable<MappingPlan>): PlanPart['mappings'] =>
    [...plans]
      .filter(sendsAnything)
      .map((plan) => viewMapping(plan, nameOf(plan.id), members))
      .toSorted((a, b) => inNaturalOrder(a.mapping, b.mapping))
  const whole = [...summary.mappings.values()]
  const points = [...effect.mappings.values()].reduce((sum, { dataPoints }) => sum + dataPoints, 0)
  return {
    ref,
    effect: { users: effect.users, data_points: points, mappings: view(effect.mappings.values()) },
    waiting: {
      users: summary.users.changed - effect.users,
      data_points: summary.dataPoints - points,
      mappings: view(
        whole.map((plan) => {
          const part = effect.mappings.get(plan.id)
          return part === undefined
            ? plan
            : withoutPart(plan, part, effect.keptUsers.get(plan.id) ?? 0)
        }),
      ),
    },
    prevented: effect.prevented,
  }
}

function sendsAnything(plan: MappingPlan): boolean {
  return Object.values(plan).some((count) => typeof count === 'number' && count > 0)
}

/** @param users - who get something of the rest; some of them get something of the part, too */
function withoutPart(whole: MappingPlan, part: MappingPlan, users: number): MappingPlan {
  return {
    id: whole.id,
    sync: whole.sync,
    users,
    new: whole.new - part.new,
    changed: whole.changed - part.changed,
    unset: whole.unset - part.unset,
    events: whole.events - part.events,
    cohortAdds: whole.cohortAdds - part.cohortAdds,
    cohortRemovals: whole.cohortRemovals - part.cohortRemovals,
    dataPoints: whole.dataPoints - part.dataPoints,
    additions: whole.additions - part.additions,
    removals: whole.removals - part.removals,
  }
}
