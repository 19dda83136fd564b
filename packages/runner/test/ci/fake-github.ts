import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A comment as the fake holds it. */
export interface FakeComment {
  readonly id: number
  body: string
  readonly user: { readonly login: string; readonly type: 'Bot' | 'User' }
}

/** GitHub's REST API for comments of issues, on a port of its own. */
export interface FakeGitHub {
  readonly url: string
  readonly comments: FakeComment[]
  readonly requests: string[]
}

/** What a token may do, and whose it is. */
export interface FakeGitHubOptions {
  /** False: 403 for whatever writes, as in pull requests of forks. */
  readonly mayWrite?: boolean
  /** Login of the token's user; null: the token of a job, which has none. */
  readonly login?: string | null
  /** Status of every answer. */
  readonly broken?: number
}

const PER_PAGE = 100
const REPOSITORY = '/repos/acme/engage/issues'

/** Starts one, for one test. @see https://docs.github.com/rest/issues/comments */
export async function startFakeGitHub(options: FakeGitHubOptions = {}): Promise<FakeGitHub> {
  const { mayWrite = true, login = null, broken } = options
  const fake: FakeGitHub = { url: '', comments: [], requests: [] }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request
    fake.requests.push(`${method} ${url}`)
    const send = (status: number, body: unknown, link?: string) =>
      response
        .writeHead(status, {
          'content-type': 'application/json',
          ...(link === undefined ? {} : { link }),
        })
        .end(JSON.stringify(body))
    if (broken !== undefined) return void send(broken, {})
    if (headers.authorization !== 'Bearer ghs_token') return void send(401, {})
    const { pathname, searchParams } = new URL(url, fake.url)
    if (pathname === '/user') return void (login === null ? send(403, {}) : send(200, { login }))
    if (method === 'GET' && pathname === `${REPOSITORY}/7/comments`) {
      const page = Number(searchParams.get('page') ?? 1)
      const shown = fake.comments.slice((page - 1) * PER_PAGE, page * PER_PAGE)
      const next = `<${fake.url}${pathname}?per_page=${PER_PAGE}&page=${page + 1}>; rel="next"`
      return void send(200, shown, page * PER_PAGE < fake.comments.length ? next : undefined)
    }
    if (!mayWrite) return void send(403, { message: 'Resource not accessible by integration' })
    const { body } = JSON.parse(await textOf(request)) as { body: string }
    if (method === 'POST' && pathname === `${REPOSITORY}/7/comments`) {
      const user = {
        login: login ?? 'github-actions[bot]',
        type: login === null ? 'Bot' : 'User',
      } as const
      fake.comments.push({ id: 1000 + fake.comments.length, body, user })
      return void send(201, {})
    }
    const id = Number(/\/comments\/(\d+)$/.exec(pathname)?.[1])
    const comment = fake.comments.find((one) => one.id === id)
    if (method !== 'PATCH' || comment === undefined) return void send(404, {})
    comment.body = body
    return void send(200, {})
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object.assign(fake, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
