import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** What the server does once a request is whole. */
export type Behaviour = (socket: Socket, number: number) => void

/** A server that speaks bytes, so that it can break HTTP itself. */
export interface RawBraze extends AsyncDisposable {
  readonly url: string
  /** Requests that arrived whole. */
  readonly arrived: number
}

/** Starts one on a free port. */
export async function rawBraze(behave: Behaviour): Promise<RawBraze> {
  const sockets = new Set<Socket>()
  let arrived = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      const [head, ...rest] = text.split('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      if (rest.length === 0 || rest.join('\r\n\r\n').length < length) return
      text = ''
      behave(socket, arrived++)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get arrived() {
      return arrived
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** The bytes of an answer; headers may be any lines. */
export function answerBytes(
  status: number | string,
  body: string,
  {
    headers = [],
    length,
  }: { readonly headers?: readonly string[]; readonly length?: number | null } = {},
): string {
  const said = length === undefined ? Buffer.byteLength(body) : length
  const lines = [
    `HTTP/1.1 ${status} X`,
    ...headers,
    ...(said === null ? [] : [`content-length: ${said}`]),
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
