/**
 * The runner as a library: what the commands `run`, `plan` and `validate` do, with typed options
 * and results. Nothing is printed, nothing global is read or changed, and the process is never
 * ended.
 */
export { plan } from './library/plan.ts'
export type { PlanOptions } from './library/plan.ts'
export type { ProjectOptions, WorkOptions } from './library/project.ts'
export { run } from './library/run.ts'
export type { RunOptions, RunReport } from './library/run.ts'
export { validate } from './library/validate.ts'
export type { Validation } from './library/validate.ts'
export type { EngineEvent, Observer } from './engine/index.ts'
export type { PlanView } from './plan/view.ts'
