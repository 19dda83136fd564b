import { appendFileSync, existsSync, readFileSync } from 'node:fs'

type Env = Readonly<Record<string, string | undefined>>

/** What later steps of a job can ask. */
export interface Outputs {
  /** Whether a run would do anything. */
  readonly changed: boolean
  /** How many guards would stop it. */
  readonly guards: number
  readonly data_points: number
  /** `unchanged`, `changes`, `guarded`, `failed`; of a fork's pull request, `checked`. */
  readonly status: 'unchanged' | 'changes' | 'guarded' | 'failed' | 'checked'
}

interface Plan {
  readonly configuration: {
    readonly added: readonly unknown[]
    readonly changed: readonly unknown[]
    readonly moved: readonly unknown[]
    readonly retired: readonly unknown[]
  }
  readonly sync_changes: readonly unknown[]
  readonly has_changes: boolean
  readonly guards: readonly unknown[]
  readonly braze: { readonly data_points: number }
}

/** What a plan says to later steps. @param path - the plan as `--format json` prints it */
export function planOutputs(path: string, code: number): Outputs {
  const plan =
    code === 0 && existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Plan) : null
  if (plan === null) return { changed: false, guards: 0, data_points: 0, status: 'failed' }
  const { has_changes: changed, guards, braze } = plan
  const status = guards.length > 0 ? 'guarded' : changed ? 'changes' : 'unchanged'
  return { changed, guards: guards.length, data_points: braze.data_points, status }
}

/** Whether a plan holds a change of configuration, and not new data alone. @param path - as of `planOutputs` */
export function changesConfiguration(path: string): boolean {
  const { configuration, sync_changes: whole } = JSON.parse(readFileSync(path, 'utf8')) as Plan
  const { added, changed, moved, retired } = configuration
  return [added, changed, moved, retired, whole].some((changes) => changes.length > 0)
}

/** What checks alone say. @param codes - their exit codes */
export function checkedOutputs(codes: readonly number[]): Outputs {
  const status = codes.every((code) => code === 0) ? 'checked' : 'failed'
  return { changed: false, guards: 0, data_points: 0, status }
}

/** Tells later steps. @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-output-parameter */
export function writeOutputs(env: Env, outputs: Outputs): void {
  const { GITHUB_OUTPUT: path } = env
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${String(value)}\n`)
  if (path !== undefined && path !== '') appendFileSync(path, lines.join(''))
}
