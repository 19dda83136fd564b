import { checkGuards } from '@engage-sync/core'
import type { GuardStop, PlanSummary, StateStore } from '@engage-sync/core'
import { countUsers } from './member-counts.ts'
import type { Session } from '../session.ts'

/** Fewer additions than this never stop a run, so members need not be counted for them. */
const FREE_ADDITIONS = 1000

/** Which guards stop a run. Members are counted only where the plan could trip over a guard. @param deletions - users to be forgotten */
export async function guardRun(session: Session, summary: PlanSummary, deletions: number): Promise<readonly GuardStop[]> {
  const { options, prepared } = session
  const { guards, allow, store } = options
  const plans = [...summary.mappings.values()].filter(({ id }) => !prepared.bornNow.has(id))
  const isNeeded = plans.some((plan) => plan.removals > guards.minRemovals || plan.additions > FREE_ADDITIONS)
  const members = isNeeded ? await session.members.all(store) : new Map<string, number>()
  const stops = checkGuards(summary, guards, { members, allowed: allow })
  if (deletions <= guards.minRemovals || allow.some((text) => text === 'deletions' || text === 'deletions=*')) return stops
  const stop = await deletionStop(session, store, deletions)
  return stop === null ? stops : [...stops, stop]
}

async function deletionStop({ options, prepared }: Session, store: StateStore, planned: number): Promise<GuardStop | null> {
  const { maxRemovals, minRemovals } = options.guards
  const users = await countUsers(store, prepared.layout)
  const limit = Math.max(minRemovals, Math.floor(maxRemovals * users))
  if (planned <= limit) return null
  const message = `The run would forget ${planned} users; the state knows ${users}, and the guard allows ${limit}`
  return { guard: 'deletions', subject: null, planned, limit, message, allow: 'deletions=*' }
}
