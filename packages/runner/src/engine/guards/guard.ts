import { checkGuards, FREE_ADDITIONS, inNaturalOrder, written } from '@engage-sync/core'
import type { GuardStop, PlanSummary, RejectedCount, StateStore } from '@engage-sync/core'
import type { ResolvedMappings } from '../mappings/index.ts'
import type { EngineOptions, Judge } from '../request/index.ts'
import { countUsers } from './row-counts.ts'
import type { RowCounts } from './row-counts.ts'

/** What a run would do that a guard may object to. */
export interface GuardedPlan {
  readonly summary: PlanSummary
  /** Users to be forgotten. */
  readonly deletions: number
  readonly rejected: RejectedCount
}

/**
 * Which guards stop a run, always in the same order. Members are counted only where the plan could trip over a guard.
 */
export async function guardRun(
  options: Pick<EngineOptions, 'guards' | 'allow' | 'store' | 'kind' | 'judge'>,
  open: { readonly mappings: ResolvedMappings; readonly members: RowCounts },
  plan: GuardedPlan,
): Promise<readonly GuardStop[]> {
  const { judge } = options
  const stops =
    judge === undefined
      ? await stopsOf(options, open, plan)
      : await judge(judgedPlan(options, open, plan))
  return stops.toSorted((a, b) => inNaturalOrder(a.allow, b.allow))
}

function judgedPlan(
  { store }: Pick<EngineOptions, 'store'>,
  { mappings, members }: { readonly mappings: ResolvedMappings; readonly members: RowCounts },
  { summary, deletions, rejected }: GuardedPlan,
): Parameters<Judge>[0] {
  const known = [...summary.mappings].filter(([id]) => !mappings.bornNow.has(id))
  return {
    summary: { ...summary, mappings: new Map(known) },
    deletions,
    rejected,
    members: () => members.all(store),
    users: () => countUsers(store, mappings.layout),
  }
}

async function stopsOf(
  { guards, allow, store, kind }: Pick<EngineOptions, 'guards' | 'allow' | 'store' | 'kind'>,
  { mappings, members }: { readonly mappings: ResolvedMappings; readonly members: RowCounts },
  { summary, deletions, rejected }: GuardedPlan,
): Promise<readonly GuardStop[]> {
  const plans = [...summary.mappings.values()].filter(({ id }) => !mappings.bornNow.has(id))
  const isNeeded = plans.some(
    (plan) => plan.removals > guards.minRemovals || plan.additions > FREE_ADDITIONS,
  )
  const counted = isNeeded ? await members.all(store) : new Map<string, number>()
  const stops = checkGuards(summary, guards, {
    members: counted,
    allowed: allow,
    // What a retry sends again was rejected before, so that its share says nothing.
    ...(kind.letters === null && { rejected }),
  })
  if (
    deletions <= guards.minRemovals ||
    allow.some((text) => text === 'deletions' || text === 'deletions=*')
  )
    return stops
  const stop = await deletionStop(guards, { store, mappings }, deletions)
  return stop === null ? stops : [...stops, stop]
}

async function deletionStop(
  { maxRemovals, minRemovals }: EngineOptions['guards'],
  { store, mappings }: { readonly store: StateStore; readonly mappings: ResolvedMappings },
  planned: number,
): Promise<GuardStop | null> {
  const users = await countUsers(store, mappings.layout)
  const limit = Math.max(minRemovals, Math.floor(maxRemovals * users))
  if (planned <= limit) return null
  const message = `The run would forget ${written(planned)} users; the state knows ${written(users)}, and max_removals allows ${written(limit)}`
  return {
    guard: 'deletions',
    subject: null,
    planned,
    limit,
    members: users,
    message,
    allow: 'deletions=*',
  }
}
