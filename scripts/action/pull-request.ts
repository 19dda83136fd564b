import { readFileSync } from 'node:fs'

type Env = Readonly<Record<string, string | undefined>>

/** The pull request a job is about. */
export interface PullRequest {
  /** `owner/name` */
  readonly repository: string
  readonly number: number
  /** From another repository: such a job gets no secrets, and a token that may only read. */
  readonly isFork: boolean
  /** The commit it is merged into when the event happened, and its own; null where the event does not say. */
  readonly base: string | null
  readonly head: string | null
}

interface Event {
  readonly pull_request?: {
    readonly number?: unknown
    readonly base?: { readonly sha?: unknown }
    readonly head?: {
      readonly sha?: unknown
      readonly repo?: { readonly full_name?: unknown } | null
    }
  }
}

/** The pull request of the event that started the job, or null. @see https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request */
export function readPullRequest(env: Env): PullRequest | null {
  const { GITHUB_EVENT_PATH: path, GITHUB_REPOSITORY: repository } = env
  if (path === undefined || path === '' || repository === undefined) return null
  const { pull_request: pull } = JSON.parse(readFileSync(path, 'utf8')) as Event
  if (typeof pull?.number !== 'number') return null
  return {
    repository,
    number: pull.number,
    isFork: pull.head?.repo?.full_name !== repository,
    base: commitOf(pull.base?.sha),
    head: commitOf(pull.head?.sha),
  }
}

/** Nothing else becomes a word of a command. */
function commitOf(sha: unknown): string | null {
  return typeof sha === 'string' && /^[0-9a-f]{7,64}$/.test(sha) ? sha : null
}
