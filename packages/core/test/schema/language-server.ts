import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** What an editor asks for. */
export interface LanguageServer {
  request(method: string, params: unknown): Promise<unknown>
  notify(method: string, params: unknown): void
  stop(): void
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: { readonly items?: readonly unknown[] }
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** Settings an editor would send: nothing from the network. */
const SETTINGS = {
  yaml: { hover: true, completion: true, validate: true, schemaStore: { enable: false } },
}

/** Starts the real YAML language server, speaking to it over standard input and output. */
export async function startLanguageServer(): Promise<LanguageServer> {
  const manifest = createRequire(import.meta.url).resolve('yaml-language-server/package.json')
  const child = spawn(
    process.execPath,
    [join(dirname(manifest), 'bin', 'yaml-language-server'), '--stdio'],
    { stdio: 'pipe' },
  )
  const waiting = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >()
  let last = 0

  const send = (message: object) => {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }))
    child.stdin.write(`Content-Length: ${body.length}\r\n\r\n`)
    child.stdin.write(body)
  }
  const receive = ({ id, method, params, result, error }: Message) => {
    if (method !== undefined && id !== undefined)
      return send({ id, result: answerTo(method, params) })
    const asked = id === undefined ? undefined : waiting.get(id)
    if (asked === undefined) return
    waiting.delete(id!)
    if (error === undefined) asked.resolve(result)
    else asked.reject(new Error(error.message))
  }
  readMessages(child.stdout, receive)

  const server: LanguageServer = {
    request: (method, params) =>
      new Promise((resolve, reject) => {
        waiting.set(++last, { resolve, reject })
        send({ id: last, method, params })
      }),
    notify: (method, params) => send({ method, params }),
    stop: () => child.kill(),
  }
  await server.request('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: { workspace: { configuration: true } },
  })
  server.notify('initialized', {})
  server.notify('workspace/didChangeConfiguration', { settings: SETTINGS })
  return server
}

/** The server asks its client for settings, section by section. */
function answerTo(method: string, params: Message['params']): unknown {
  return method === 'workspace/configuration'
    ? (params?.items ?? []).map((_, index) => (index === 0 ? SETTINGS.yaml : {}))
    : null
}

function readMessages(stream: NodeJS.ReadableStream, receive: (message: Message) => void): void {
  let buffer = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk])
    for (;;) {
      const head = buffer.indexOf('\r\n\r\n')
      const length =
        head < 0
          ? null
          : Number(/Content-Length: (\d+)/i.exec(buffer.toString('utf8', 0, head))?.[1])
      if (length === null || buffer.length < head + 4 + length) return
      receive(JSON.parse(buffer.toString('utf8', head + 4, head + 4 + length)) as Message)
      buffer = buffer.subarray(head + 4 + length)
    }
  })
}
