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
  /** Git commit whose configuration this one is compared with, as `--base` names it. Default: none. */
  readonly base?: string
}

/**
 * What a run would do and cost, as `engage-sync plan --format json` prints it. Takes no lease, sends nothing, changes
 * nothing.
 *
 * @throws {SyncError} `USAGE_OPTION`, `SELECT_GIT`, `CONFIG_…`, `SECRET_…`, `STATE_…`, `SOURCE_…`
 */
export function plan(options: PlanOptions): Promise<PlanView> {
  const needs = { known: [...WORK_OPTIONS, 'samples', 'base'], access: 'read' } as const
  return withProject(options, needs, async ({ engine, workspace, base: openBase }) => {
    const collector = new SampleCollector(options.samples ?? 8)
    const { base: ref = null } = options
    const planned = await planRun(engine, collector, ref === null ? null : await openBase(ref))
    return viewPlan(
      planned,
      planFacts(workspace, { samples: collector.samples, space: [], base: ref }),
    )
  })
}
