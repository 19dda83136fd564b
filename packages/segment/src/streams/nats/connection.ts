import type * as JetStream from '@nats-io/jetstream'
import type * as Transport from '@nats-io/transport-node'
import { loadPeer } from '../../remote/index.ts'
import type { NatsAccess } from './access.ts'
import { natsError } from './errors.ts'

/** A connection with what is asked through it. */
export interface NatsConnection {
  readonly connection: Transport.NatsConnection
  readonly client: JetStream.JetStreamClient
  readonly manager: JetStream.JetStreamManager
  readonly jetstream: typeof JetStream
}

/** How long an answer is waited for, milliseconds. */
const ANSWER_MS = 5000
/** A server that says nothing for two of these is gone, milliseconds. */
const PING_MS = 2500
/** Between two tries to connect again, milliseconds. */
const AGAIN_MS = 250

/**
 * Connects.
 *
 * @param isLasting - whether a lost connection is made again, for as long as it takes
 * @throws {SourceError} `SOURCE_UNAVAILABLE`, `SOURCE_AUTH`, `SOURCE_DEPENDENCY`
 */
export async function connectNats(
  access: NatsAccess,
  { isLasting }: { readonly isLasting: boolean },
): Promise<NatsConnection> {
  const transport = await loadTransport()
  const jetstream = await loadJetStream()
  try {
    const connection = await transport.connect({
      ...identityOf(access, transport),
      servers: [...access.servers],
      name: 'engage-sync',
      timeout: ANSWER_MS,
      pingInterval: PING_MS,
      reconnect: isLasting,
      maxReconnectAttempts: -1,
      reconnectTimeWait: AGAIN_MS,
      ...(access.tls !== undefined && { tls: access.tls }),
    })
    const options = { timeout: ANSWER_MS }
    const client = jetstream.jetstream(connection, options)
    const manager = await jetstream.jetstreamManager(connection, { ...options, checkAPI: false })
    return { connection, client, manager, jetstream }
  } catch (error) {
    throw natsError(error, 'a connection')
  }
}

/** Asks, and turns what fails into an error of ours. @param what - is asked for */
export async function asked<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    throw natsError(error, what)
  }
}

function identityOf(
  { credentials, token, user, password }: NatsAccess,
  { credsAuthenticator }: typeof Transport,
): Transport.NodeConnectionOptions {
  return {
    ...(credentials !== undefined && {
      authenticator: credsAuthenticator(new TextEncoder().encode(credentials)),
    }),
    ...(token !== undefined && { token }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
  }
}

const VERSION = '3'
const USE = 'NATS JetStream'

function loadTransport(): Promise<typeof Transport> {
  const name = '@nats-io/transport-node'
  return loadPeer(() => import('@nats-io/transport-node'), { name, version: VERSION, use: USE })
}

function loadJetStream(): Promise<typeof JetStream> {
  const name = '@nats-io/jetstream'
  return loadPeer(() => import('@nats-io/jetstream'), { name, version: VERSION, use: USE })
}
