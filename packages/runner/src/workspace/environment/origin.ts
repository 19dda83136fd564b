import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readCiJob } from '../../process/ci-job.ts'
import type { Io } from '../../process/io.ts'

/** Who started a run, and from which commit of the configuration; null where nothing tells. */
export interface Origin {
  readonly actor: string | null
  readonly commit: string | null
  /** The page of the CI job. */
  readonly job: string | null
}

/**
 * Tells who runs this and from which git commit, as CI systems or the machine say it.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/variables
 * @see https://docs.gitlab.com/ci/variables/predefined_variables/
 */
export function originOf(env: Io['env'], root: string): Origin {
  const actor =
    env['GITHUB_ACTOR'] ?? env['GITLAB_USER_LOGIN'] ?? env['USER'] ?? env['LOGNAME'] ?? null
  const commit = env['GITHUB_SHA'] ?? env['CI_COMMIT_SHA'] ?? headOf(env, root)
  return { actor, commit, job: readCiJob(env).url }
}

/** Git is asked only where there is a repository: to start a program takes 20 ms of CPU. */
function headOf(env: Io['env'], root: string): string | null {
  if (env['GIT_DIR'] === undefined && !isInRepository(resolve(root))) return null
  try {
    const text = execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 2000,
    })
    return text.trim() || null
  } catch {
    return null
  }
}

function isInRepository(directory: string): boolean {
  if (existsSync(join(directory, '.git'))) return true
  const parent = dirname(directory)
  return parent !== directory && isInRepository(parent)
}
