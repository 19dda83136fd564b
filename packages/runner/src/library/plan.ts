import { planRun } from '../engine/index.ts'
import { SampleCollector } from '../plan/samples.ts'
import { planFacts } from '../plan/facts.ts'
import { viewPlan } from '../plan/view.ts'
import type { PlanView } from '../plan/view.ts'
import { WORK_OPTIONS } from './project.ts'
import type { WorkOptions } from './project.ts'
import { withProject } from './work.ts'

/** How a project is planned. */
export interface PlanOptions extends WorkOptions {
  /** Users shown, their identifiers shortened. Default 8. */
  readonly samples?: number
}

/**
 * What a run would do and cost, as `engage-sync plan --format json` prints it. Takes no lease, sends nothing, changes
 * nothing.
 *
 * @throws {SyncError} `USAGE_OPTION`, `CONFIG_…`, `SECRET_…`, `STATE_…`, `SOURCE_…`
 */
export function plan(options: PlanOptions): Promise<PlanView> {
  const needs = { known: [...WORK_OPTIONS, 'samples'], access: 'read' } as const
  return withProject(options, needs, async ({ engine, workspace }) => {
    const collector = new SampleCollector(options.samples ?? 8)
    const planned = await planRun(engine, collector)
    return viewPlan(
      planned,
      planFacts(workspace, { samples: collector.samples, space: [], base: null }),
    )
  })
}
