import type { PullRequest } from './pull-request.ts'

/** Where GitHub's API is, and who asks. */
export interface Api {
  /** `https://api.github.com`, or that of an own GitHub. */
  readonly url: string
  readonly token: string
}

interface Comment {
  readonly id: number
  readonly body?: string | null
  readonly user?: { readonly login?: string; readonly type?: string } | null
}

/** How a comment came to be: `refused` where the token may not write, as in pull requests of forks. */
export type Written = 'created' | 'updated' | 'refused'

/** An answer of GitHub that is no success. */
export class GitHubError extends Error {
  override name = 'GitHubError'
  readonly status: number

  constructor(method: string, path: string, status: number) {
    super(`GitHub answered ${status} to ${method} ${path}`)
    this.status = status
  }
}

/**
 * Writes the one comment of a pull request that begins with a marker: edits ours, or makes it.
 *
 * Only a comment of our own is edited: of the user the token belongs to, or, where a token has no user, of a bot. What
 * others wrote, marker or not, stays.
 *
 * @throws {GitHubError} when GitHub refuses for another reason than a missing permission
 * @see https://docs.github.com/rest/issues/comments
 */
export async function writeComment(
  api: Api,
  { repository, number }: PullRequest,
  body: string,
): Promise<Written> {
  const marker = body.slice(0, body.indexOf('-->') + 3)
  if (!/^<!-- engage-sync:[\w:.-]+ -->$/.test(marker))
    throw new Error('a comment begins with its marker')
  try {
    const own = await findOwn(
      api,
      `/repos/${repository}/issues/${number}/comments?per_page=100`,
      marker,
    )
    if (own === null)
      await send(api, 'POST', `/repos/${repository}/issues/${number}/comments`, body)
    else await send(api, 'PATCH', `/repos/${repository}/issues/comments/${own}`, body)
    return own === null ? 'created' : 'updated'
  } catch (error) {
    if (error instanceof GitHubError && (error.status === 403 || error.status === 404))
      return 'refused'
    throw error
  }
}

async function findOwn(api: Api, first: string, marker: string): Promise<number | null> {
  const login = await ownLogin(api)
  let next: string | null = first
  while (next !== null) {
    const answer = await ask(api, 'GET', next)
    const comments = (await answer.json()) as readonly Comment[]
    const own = comments.find(({ body, user }) => {
      const isOurs = login === null ? user?.type === 'Bot' : user?.login === login
      return isOurs && (body ?? '').startsWith(marker)
    })
    if (own !== undefined) return own.id
    next = nextPage(api, answer.headers.get('link'))
  }
  return null
}

/** Null for the token of a job, which has no user of its own. */
async function ownLogin(api: Api): Promise<string | null> {
  try {
    const { login } = (await (await ask(api, 'GET', '/user')).json()) as { readonly login?: string }
    return login ?? null
  } catch (error) {
    if (error instanceof GitHubError) return null
    throw error
  }
}

/** Only pages of the same API are followed: the token goes nowhere else. */
function nextPage({ url }: Api, link: string | null): string | null {
  const next = /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1]
  return next !== undefined && next.startsWith(`${url}/`) ? next.slice(url.length) : null
}

async function send(api: Api, method: 'POST' | 'PATCH', path: string, body: string): Promise<void> {
  await ask(api, method, path, JSON.stringify({ body }))
}

/** A GitHub that does not answer in a minute ends the step, not the hour. */
const PATIENCE_MS = 60_000

async function ask(
  { url, token }: Api,
  method: string,
  path: string,
  body?: string,
): Promise<Response> {
  const answer = await fetch(url + path, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  if (!answer.ok) throw new GitHubError(method, path.replace(/\?.*/s, ''), answer.status)
  return answer
}
