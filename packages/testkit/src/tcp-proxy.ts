import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

/** A way through the network that can be disturbed, in front of a port of this machine. */
export interface TcpProxy {
  readonly port: number
  /** How many connections were let through so far. */
  readonly taken: number
  /** Ends every connection at once, as a machine that goes away; the next ones pass. */
  cut(): void
  /**
   * What the way does from now on. `open`: everything passes · `refuse`: nobody new is let through,
   * and those that are there are cut · `silent`: connections stand, and new ones are taken, but not
   * a byte passes either way, and none of an end: what came meanwhile passes once it is open again.
   */
  turn(how: 'open' | 'refuse' | 'silent'): void
  /** Bytes of either way come so much later. @param ms - milliseconds */
  delay(ms: number): void
  close(): Promise<void>
}

/** Starts one. @param port - of 127.0.0.1 */
export async function startTcpProxy(port: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let how: Parameters<TcpProxy['turn']>[0] = 'open'
  let delayMs = 0
  let taken = 0

  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const carry = (from: Socket, to: Socket) => {
    from.on('data', (bytes: Buffer) => {
      if (delayMs === 0) to.write(bytes)
      else setTimeout(() => to.writable && to.write(bytes), delayMs)
    })
    from.on('end', () => to.end())
    from.on('error', () => undefined)
    from.on('close', () => {
      sockets.delete(from)
      if (how !== 'silent') to.destroy()
    })
    if (how === 'silent') from.pause()
  }
  const listener = createServer((client) => {
    if (how === 'refuse') return void client.destroy()
    taken++
    const server = connect(port, '127.0.0.1')
    for (const socket of [client, server]) sockets.add(socket)
    carry(client, server)
    carry(server, client)
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port: own } = listener.address() as { readonly port: number }
  return {
    port: own,
    get taken() {
      return taken
    },
    cut,
    turn: (next) => {
      how = next
      if (next === 'refuse') return cut()
      for (const socket of sockets)
        if (next === 'silent') socket.pause()
        else socket.resume()
    },
    delay: (ms) => void (delayMs = ms),
    close: async () => {
      cut()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}
