import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { StreamConfig } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { NatsServer } from '@engage-sync/testkit'

let made = 0

/** Makes a stream of its own on a server, for subjects `NAME.>`; its name. */
export async function makeStream(
  server: NatsServer,
  config: Partial<StreamConfig> = {},
  identity: { readonly user?: string; readonly pass?: string } = {},
): Promise<string> {
  const name = `STREAM_${++made}`
  const connection = await connect({ servers: server.url, ...identity })
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name, subjects: [`${name}.>`], ...config })
  await connection.close()
  return name
}

/** Does something with a stream as somebody else would. */
export async function withJetStream(
  server: NatsServer,
  work: (use: {
    readonly publish: (subject: string, text: string) => Promise<void>
    readonly manager: Awaited<ReturnType<typeof jetstreamManager>>
  }) => Promise<void>,
): Promise<void> {
  const connection = await connect({ servers: server.url })
  const client = jetstream(connection)
  const publish = async (subject: string, text: string) =>
    void (await client.publish(subject, text))
  await work({ publish, manager: await jetstreamManager(connection) })
  await connection.close()
}
