import type { ClientRequest, IncomingMessage } from 'node:http'
import { Option } from 'commander'
import { SyncError } from '@engage-sync/core'
import type { Io } from '../process/io.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { HAND_OVER_PATH, HANDED_OVER } from './hand-over.ts'
import { announcedServer } from './server-file.ts'
import type { AnnouncedServer } from './server-file.ts'

/** What `--hand-over` says: the address of a server, or true for the one on this machine. */
export interface HandOverFlags {
  readonly handOver?: string | true
}

/** `--hand-over`, of commands that take the lease. */
export function handOverOption(): Option {
  return new Option(
    '--hand-over [url]',
    'borrow the environment from its server, which goes on receiving: the one here, or that at the address',
  )
}

/** How long a server may take to end its windows, milliseconds. */
const PATIENCE_MS = 30_000

/**
 * Works while the server of the environment keeps out of it, and receives on.
 *
 * Shape: what `work` gives; without the flag, and where no server runs here, the work alone. The
 * server works again once this has ended, however it ends.
 *
 * @throws {SyncError} `SERVE_NOT_HANDED_OVER`
 */
export async function borrowing<Result>(
  io: Io,
  { handOver, opened }: HandOverFlags & { readonly opened: OpenEnvironment },
  work: () => Promise<Result>,
): Promise<Result> {
  const server = handOver === undefined ? null : serverOf(handOver, opened)
  if (server === null) return await work()
  const borrowed = await ask(server, io.signal)
  try {
    return await work()
  } finally {
    borrowed?.destroy()
  }
}

function serverOf(handOver: string | true, opened: OpenEnvironment): AnnouncedServer | null {
  const { environment, place } = opened
  if (handOver === true) return announcedServer(place.directory)
  const secret = environment.serve.adminToken
  if (secret !== null && URL.canParse(handOver)) return { url: handOver, secret }
  throw notHandedOver(
    secret === null ? 'the environment has no `serve.admin_token`' : 'that is no address',
  )
}

/** The open request, once the environment is ours; null where nobody is there to ask. */
async function ask(server: AnnouncedServer, signal: AbortSignal): Promise<ClientRequest | null> {
  const url = new URL(HAND_OVER_PATH, server.url)
  const { promise, resolve, reject } = Promise.withResolvers<ClientRequest | null>()
  const { request } = await import(url.protocol === 'https:' ? 'node:https' : 'node:http')
  const sent: ClientRequest = request(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.secret}` },
    signal,
  })
  sent.setTimeout(PATIENCE_MS, () => sent.destroy(notHandedOver('it did not answer in time')))
  sent.once('error', (error: NodeJS.ErrnoException) =>
    error.code === 'ECONNREFUSED' ? resolve(null) : reject(error),
  )
  sent.once('response', (response: IncomingMessage) => {
    if (response.statusCode !== 200) {
      sent.destroy()
      return reject(notHandedOver(`it answered HTTP ${response.statusCode}`))
    }
    response.setEncoding('utf8')
    // The work may take as long as it takes; the connection ends with it.
    response.on('error', () => undefined)
    response.once('end', () => reject(notHandedOver('it ended')))
    response.on('data', (text: string) => {
      if (!text.includes(HANDED_OVER)) return
      sent.setTimeout(0)
      resolve(sent)
    })
  })
  sent.end()
  return await promise
}

function notHandedOver(why: string): SyncError {
  return new SyncError(
    'SERVE_NOT_HANDED_OVER',
    `The server does not hand the environment over: ${why}`,
    {
      hint: 'Look at its /readyz; with an address, the admin token of both has to be the same.',
    },
  )
}
