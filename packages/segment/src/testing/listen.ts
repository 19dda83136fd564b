import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of this process on a free port. */
export interface Listening {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** Ends it and all its connections. */
  stop(): Promise<void>
}

/** Listen on a free port of 127.0.0.1. */
export async function listen(server: Server): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}
