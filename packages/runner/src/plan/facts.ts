import type { Workspace } from '../workspace/open-workspace.ts'
import type { PlanFacts } from './view.ts'

/** What a plan view is made of beside the plan: the environment and its syncs, as they were opened. */
export function planFacts(
  { environment, syncs, config, braze }: Workspace,
  found: Pick<PlanFacts, 'samples' | 'space' | 'base'>,
): PlanFacts {
  const planned = new Set(syncs.map(({ name }) => name))
  const { destination } = braze
  return {
    environment: environment.name,
    syncs: config.syncs.filter(({ name }) => planned.has(name)),
    sendsCohorts: environment.braze.endpoint === 'simulator' || environment.braze.cohorts !== null,
    requestsPerSecond: destination.requestsPerSecond,
    membersPerCohortRequest: destination.limits.membersPerCohortRequest,
    maxDataPoints: environment.guards.maxDataPoints,
    ...found,
  }
}
