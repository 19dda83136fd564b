import { readFileSync } from 'node:fs'

/** What the action is asked to do, and where. */
export interface Inputs {
  /** `review`: validate, test, plan, comment. `plan`: a plan file. `apply`: run that file. `run`: plan and run at once.
   * `schedule`: run what is new in the data; a change of configuration waits for `apply`.
   */
  readonly task: 'review' | 'plan' | 'apply' | 'run' | 'schedule'
  readonly environment: string
  readonly configs: string
  /** What `--allow` names, one a line. */
  readonly allow: readonly string[]
  /** Directory of the plan, its comment and its data. */
  readonly out: string
  /** The commit a review is compared with; empty: what the pull request is merged into; `none`: the state alone. */
  readonly base: string
  /** Whether the plan becomes a comment. */
  readonly comment: boolean
  /** Exact version of the package. */
  readonly version: string
  /** How engage-sync is called; empty: the project's own, or else it is installed. */
  readonly command: string
  readonly token: string
}

type Env = Readonly<Record<string, string | undefined>>

const TASKS = ['review', 'plan', 'apply', 'run', 'schedule'] as const

/** The version of the package that stands beside this action. */
function ownVersion(): string {
  const path = new URL('../../packages/runner/package.json', import.meta.url)
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version
}

/**
 * Reads the inputs of the action from `INPUT_…`.
 *
 * @throws {Error} when one of them is none of those it can be
 */
export function readInputs(env: Env): Inputs {
  const read = (name: string, otherwise = ''): string =>
    (env[`INPUT_${name}`] ?? '').trim() || otherwise
  const task = TASKS.find((each) => each === read('TASK', 'review'))
  if (task === undefined)
    throw new Error(`task must be one of ${TASKS.join(', ')}, not ${read('TASK')}`)
  const version = read('VERSION', ownVersion())
  if (version !== '' && !/^\d+\.\d+\.\d+[\w.-]*$/.test(version))
    throw new Error(`version must be exact, such as 1.2.3, not ${version}`)
  return {
    task,
    environment: read('ENVIRONMENT', 'production'),
    configs: read('CONFIGS', 'configs'),
    allow: read('ALLOW')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
    out: read('OUT', 'engage-sync-plan'),
    base: read('BASE'),
    comment: read('COMMENT', 'true') === 'true',
    version,
    command: read('COMMAND'),
    token: read('TOKEN'),
  }
}
