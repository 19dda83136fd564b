import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, vi } from 'vitest'
import { main } from '../../src/main.ts'
import { fakeIo } from '../fake-io.ts'
import { programEnv } from '../live-program.ts'
import { PROGRAM } from '../program.ts'

/** A server of a test, within this process. */
export interface Serving {
  readonly url: string
  /** Posts a body; texts as they are, everything else as JSON. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  get(path: string, headers?: Record<string, string>): Promise<Response>
  /** Standard error so far. */
  err(): string
  /** Reads the configuration anew. */
  hangUp(): void
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number>
  /** Asks it to end; its exit code. */
  stop(): Promise<number>
}

/** Options of `serveIn`. */
export interface ServingOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly argv?: readonly string[]
  readonly stdin?: AsyncIterable<Uint8Array>
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/** Starts `serve` over a project, on a free port. The caller stops it. */
export async function serveIn(
  cwd: string,
  { env = {}, argv = [], stdin, now = Date.now }: ServingOptions = {},
): Promise<Serving> {
  const stop = new AbortController()
  const said = Promise.withResolvers<string>()
  let hangUp = () => undefined as void
  const io = fakeIo({ cwd, env, signal: stop.signal, now })
  const ended = main(['serve', '--listen', '127.0.0.1:0', '--format', 'json', ...argv], {
    ...io,
    ...(stdin !== undefined && { stdin }),
    stdout: { ...io.stdout, write: said.resolve },
    onHangUp: (listener) => {
      hangUp = listener
      return () => undefined
    },
  })
  const first = await Promise.race([said.promise, ended])
  if (typeof first === 'number') throw new Error(`exit ${first}: ${io.err()}`)
  const { url } = JSON.parse(first) as { url: string }
  return {
    ...clientOf(url),
    err: () => io.err(),
    hangUp: () => hangUp(),
    ended,
    stop: () => {
      stop.abort()
      return ended
    },
  }
}

/** What talks to a server. */
export function clientOf(url: string): Pick<Serving, 'url' | 'post' | 'get'> {
  return {
    url,
    post: (path, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers,
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers }),
  }
}

/** The header of a body that Segment signed. */
export function signed(body: string, secret: string): Record<string, string> {
  return { 'x-signature': createHmac('sha1', secret).update(body).digest('hex') }
}

/** A server of a test, as a process of its own. */
export interface ServingProcess extends Pick<Serving, 'url' | 'post' | 'get'> {
  readonly child: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
  err(): string
}

/** Starts the real program; `under` is what it is started by, such as a shell that limits it. */
export async function serveProcess(
  root: string,
  {
    killAt,
    env = {},
    argv = [],
    under = [],
  }: ServingOptions & { readonly killAt?: string; readonly under?: readonly string[] } = {},
): Promise<ServingProcess> {
  const [program = '', ...args] = [
    ...under,
    ...PROGRAM,
    'serve',
    '--listen',
    '127.0.0.1:0',
    '--format',
    'json',
    ...argv,
  ]
  const child = spawn(program, args, { cwd: root, env: { ...programEnv(killAt), ...env } })
  onTestFinished(() => void child.kill('SIGKILL'))
  let err = ''
  child.stderr.on('data', (text: Buffer) => (err += text.toString()))
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  )
  const lines = createInterface({ input: child.stdout })
  const line = await Promise.race([
    new Promise<string>((resolve) => lines.once('line', resolve)),
    ended.then(({ code, signal }) => Promise.reject(new Error(`exit ${code ?? signal}: ${err}`))),
  ])
  const { url } = JSON.parse(line) as { url: string }
  return { ...clientOf(url), child, ended, err: () => err }
}

/** A project whose webhook goes into a simulator. */
export const hookProject = (simulator: string, webhook = '{ unsigned: true }', serve = '{}') =>
  `version: 1
environments:
  local:
    braze: { endpoint: '${simulator}', api_key: '\${KEY}', settle: 0ms, verify_after: 10ms }
    serve: ${serve}
    sources: { engage: { webhook: ${webhook} } }
`

/** The environment of such a project. */
export const HOOK_ENV = { KEY: 'simulator' }

/** The custom attributes a simulator holds of a user; none of one it does not know. */
export async function attributesOf(
  simulator: string,
  user: string,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(`${simulator}/simulator/users/${user}`)
  if (!answer.ok) return {}
  const { custom_attributes: attributes = {} } = (await answer.json()) as {
    custom_attributes?: Record<string, unknown>
  }
  return attributes
}

/** A sync of one trait. */
export const SHOPPERS = `version: 1
source: engage
identity: { external_id: userId }
traits: { lifetime_value: ltv }
`

/** Waits until Braze holds a value of a user. */
export function arrives(
  braze: string,
  user: string,
  [attribute, value]: readonly [attribute: string, value: unknown],
): Promise<void> {
  const look = async () => expect((await attributesOf(braze, user))[attribute]).toBe(value)
  return vi.waitFor(look, { timeout: 60_000, interval: 20 })
}

/** Posts a body until it is taken, which it is not while the log or the state is away. */
export async function postUntilTaken({ post }: Pick<Serving, 'post'>, body: string): Promise<void> {
  while ((await post('/segment', body)).status !== 200) await sleep(20)
}
