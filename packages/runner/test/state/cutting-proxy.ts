import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

/**
 * What happens to the next commit that passes.
 *
 * `before`: the connection is cut and the server never hears of it · `half`: it hears half of it ·
 * `after`: it has answered, but the answer is lost · `late`: the connection is cut, and the server
 * hears of it when `deliverLate` is called.
 */
export type Cut = 'before' | 'half' | 'after' | 'late'

/** A proxy between a store and PostgreSQL that cuts connections in the middle of a commit. */
export interface CuttingProxy {
  readonly port: number
  /** Commits cut so far. */
  readonly cuts: number
  /** While true, nobody new is let through. */
  shut: boolean
  /** Cuts the next commit. */
  cutNext(how: Cut): void
  /** Hands the withheld commit to the server, and waits for its answer. */
  deliverLate(): Promise<void>
  close(): Promise<void>
}

/** Of its text, or of the name that it is prepared under. */
const COMMITS = ['SET last_write', 'engage_sync_']

/** Starts one in front of a port of this machine. */
export async function startCuttingProxy(serverPort: number): Promise<CuttingProxy> {
  let armed: Cut | null = null
  let late: { readonly server: Socket; readonly bytes: Buffer } | null = null
  let cuts = 0
  let shut = false
  const sockets = new Set<Socket>()

  const cut = (
    how: Cut,
    bytes: Buffer,
    ends: { readonly client: Socket; readonly server: Socket },
  ) => {
    const { client, server } = ends
    cuts++
    if (how === 'late') late = { server, bytes }
    else if (how === 'after') {
      server.removeAllListeners('data').once('data', () => {
        client.destroy()
        server.destroy()
      })
      server.write(bytes)
      return
    } else if (how === 'half') server.end(bytes.subarray(0, bytes.length >> 1))
    else server.destroy()
    client.destroy()
  }

  const listener = createServer((client) => {
    if (shut) return void client.destroy()
    const server = connect(serverPort, '127.0.0.1')
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', (bytes: Buffer) => {
      if (armed === null || !COMMITS.some((commit) => bytes.includes(commit)))
        return void server.write(bytes)
      const how = armed
      armed = null
      cut(how, bytes, { client, server })
    })
    server.on('data', (bytes: Buffer) => void client.write(bytes))
    client.on('end', () => server.end())
    server.on('end', () => client.end())
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address() as { port: number }
  return {
    port: address.port,
    get cuts() {
      return cuts
    },
    get shut() {
      return shut
    },
    set shut(isShut) {
      shut = isShut
    },
    cutNext: (how) => void (armed = how),
    async deliverLate() {
      const { server, bytes } = late!
      const answered = new Promise<void>((resolve) => server.once('data', () => resolve()))
      server.write(bytes)
      await answered
      server.destroy()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}
