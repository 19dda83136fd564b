import { readFileSync } from 'node:fs'

/** The job of a CI system that this process is part of; null where there is none, or it does not say. */
export interface CiJob {
  /** The commit that is looked at: of a pull request, its latest, and not the one it would be merged as. */
  readonly commit: string | null
  /** The commit it is compared with. */
  readonly base: string | null
  /** The page of the job. */
  readonly url: string | null
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * What GitHub Actions and GitLab CI say of the job.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/variables
 * @see https://docs.gitlab.com/ci/variables/predefined_variables/
 */
export function readCiJob(env: Env): CiJob {
  const pull = readPull(env['GITHUB_EVENT_PATH'])
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env
  const github =
    run === undefined ? null : `${server ?? 'https://github.com'}/${repository}/actions/runs/${run}`
  return {
    commit: shaOf(pull.head) ?? shaOf(env['GITHUB_SHA']) ?? shaOf(env['CI_COMMIT_SHA']),
    base: shaOf(pull.base) ?? shaOf(env['CI_MERGE_REQUEST_DIFF_BASE_SHA']),
    url: urlOf(github) ?? urlOf(env['CI_JOB_URL']),
  }
}

interface Pull {
  readonly head?: unknown
  readonly base?: unknown
}

/** The pull request of the event; nothing where the file is not there, or says something else. */
function readPull(path: string | undefined): Pull {
  if (path === undefined || path === '') return {}
  try {
    const event = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly pull_request?: {
        readonly head?: { readonly sha?: unknown }
        readonly base?: { readonly sha?: unknown }
      }
    } | null
    return { head: event?.pull_request?.head?.sha, base: event?.pull_request?.base?.sha }
  } catch {
    return {}
  }
}

function shaOf(value: unknown): string | null {
  return typeof value === 'string' && /^[0-9a-f]{7,64}$/.test(value) ? value : null
}

/** Text that can be a link in Markdown: of the web, without what would end it. */
function urlOf(value: string | null | undefined): string | null {
  return value !== undefined && value !== null && /^https?:\/\/[^\s()<>]+$/.test(value)
    ? value
    : null
}
