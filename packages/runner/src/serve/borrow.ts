import type { ClientRequest, IncomingMessage } from 'node:http'
import { Option } from 'commander'
import type { StateStore } from '@engage-sync/core'
import { SyncError } from '@engage-sync/core'
import { ownerName } from '../engine/durable/index.ts'
import { borrowFromWorkers } from '../engine/fleet/index.ts'
import type { Io } from '../process/io.ts'
import { isSyncError } from '../process/sync-error.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { openState } from '../workspace/state/open-state.ts'
import type { StatePlace } from '../workspace/state/open-state.ts'
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
    'borrow the environment from those who serve it, which go on receiving: the server here, or at the address, and all workers',
  )
}

/** How long a server may take to end its windows, milliseconds. */
const PATIENCE_MS = 30_000

/**
 * Works while the server of the environment, or its workers wherever they are, keep out of it, and
 * what receives goes on.
 *
 * Shape: what `work` gives; without the flag, and where nobody serves, the work alone. They work
 * again once this has ended, however it ends.
 *
 * @throws {SyncError} `SERVE_NOT_HANDED_OVER`
 */
export async function borrowing<Result>(
  io: Io,
  { handOver, opened }: HandOverFlags & { readonly opened: OpenEnvironment },
  work: () => Promise<Result>,
): Promise<Result> {
  if (handOver === undefined) return await work()
  const server = serverOf(handOver, opened)
  const borrowed = server === null ? null : await ask(server, io.signal)
  try {
    return await withoutWorkers(io, opened, work)
  } finally {
    borrowed?.destroy()
  }
}

/** They are asked through the state, since they may be on other machines. */
async function withoutWorkers<Result>(
  io: Io,
  { environment, place: { root } }: OpenEnvironment,
  work: () => Promise<Result>,
): Promise<Result> {
  const store = await openBeside({ environment, root, now: io.now })
  if (store === null) return await work()
  const borrowed = await borrowFromWorkers(store, {
    borrower: ownerName(),
    patienceMs: PATIENCE_MS,
    signal: io.signal,
  }).catch(closing(store))
  if (borrowed === null) {
    await store.close()
    return await work()
  }
  try {
    return await work()
  } finally {
    await borrowed.giveBack()
    await store.close()
  }
}

/** A state that others hold; null where there is none yet. */
async function openBeside(place: StatePlace): Promise<StateStore | null> {
  try {
    return await openState({ ...place, create: 'never', access: 'hold' })
  } catch (error) {
    if (isSyncError(error) && error.code === 'STATE_NOT_INITIALISED') return null
    throw error
  }
}

function closing(store: StateStore): (error: unknown) => Promise<never> {
  return async (error) => {
    await store.close()
    throw error
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
