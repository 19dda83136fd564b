import { Type } from 'typebox'
import type { TString } from 'typebox'
import { duration, oneOf, table, text } from './terms.ts'

/** One address or several, of which one is enough. */
function addresses(address: TString, description: string) {
  const several = Type.Array(address, { minItems: 1, description: 'Several of one cluster.' })
  return Type.Union([address, several], { description })
}

const Tls = table(
  {
    ca: Type.Optional(
      text({
        description: 'Certificates that are trusted, PEM. Default: those of Node.',
        examples: ['${file:secrets/ca.pem}'],
      }),
    ),
    cert: Type.Optional(
      text({
        description: 'Certificate that is shown, PEM.',
        examples: ['${file:secrets/client.pem}'],
      }),
    ),
    key: Type.Optional(
      text({
        description: 'Its key, PEM, by reference.',
        examples: ['${file:secrets/client.key}'],
      }),
    ),
  },
  { description: 'Certificates of the connection.' },
)

const NatsServer = Type.String({
  pattern: '^(?:\\$\\{|(?:nats|tls)://)',
  description: 'Address of a NATS server; `tls://` asks for TLS.',
  examples: ['nats://nats.internal:4222'],
})

const natsOptions = {
  servers: addresses(NatsServer, 'Address of a NATS server, or several of one cluster.'),
  stream: text({ description: 'Name of the stream. It is made by you.', examples: ['ENGAGE'] }),
}

const natsIdentity = {
  credentials: Type.Optional(
    text({
      description: 'Text of a `.creds` file, by reference.',
      examples: ['${file:secrets/nats.creds}'],
    }),
  ),
  token: Type.Optional(
    text({ description: 'Token of the server, by reference.', examples: ['${NATS_TOKEN}'] }),
  ),
  user: Type.Optional(text({ description: 'User name.', examples: ['engage-sync'] })),
  password: Type.Optional(
    text({ description: 'Its password, by reference.', examples: ['${NATS_PASSWORD}'] }),
  ),
  tls: Type.Optional(Tls),
}

/** A stream of NATS JetStream that is read. */
export const NatsStream = table(
  {
    ...natsOptions,
    subject: Type.Optional(
      text({
        description: 'Which subjects of it are read, with wildcards. Default: all.',
        examples: ['engage.>'],
      }),
    ),
    ...natsIdentity,
  },
  { description: 'A stream of NATS JetStream.' },
)

/** A stream of NATS JetStream that is written to, too. */
export const NatsLog = table(
  {
    ...natsOptions,
    subject: text({
      description:
        'Subject that is published to, and read; `{source}` stands for the name of the source. The stream has to take it.',
      examples: ['engage.received.{source}'],
    }),
    ...natsIdentity,
  },
  { description: 'A stream of NATS JetStream.' },
)

const Broker = Type.String({
  pattern: '^(?:\\$\\{|[A-Za-z0-9.\\[\\]:-]+:[0-9]{1,5}$)',
  description: 'Address of a broker, `HOST:PORT`.',
  examples: ['kafka.internal:9092'],
})

const Sasl = table(
  {
    mechanism: oneOf(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'], {
      description: 'How the user is proved.',
    }),
    username: text({ description: 'User name.', examples: ['engage-sync'] }),
    password: text({ description: 'Its password, by reference.', examples: ['${KAFKA_PASSWORD}'] }),
  },
  { description: 'User that is proved to the brokers.' },
)

const kafkaIdentity = {
  sasl: Type.Optional(Sasl),
  tls: Type.Optional(
    Type.Union([oneOf([true], { description: 'TLS with what Node trusts.' }), Tls], {
      description: 'TLS: `true`, or with certificates of its own. Default: none.',
    }),
  ),
}

const brokers = addresses(Broker, 'Address of a broker, or several of one cluster.')

/** A topic of Kafka that is read. */
export const KafkaTopic = table(
  {
    brokers,
    topic: text({ description: 'Name of the topic. It is made by you.', examples: ['engage'] }),
    ...kafkaIdentity,
  },
  { description: 'A topic of Kafka. Experimental.' },
)

/** A topic of Kafka that is written to, too. */
export const KafkaLog = table(
  {
    brokers,
    topic: text({
      description:
        'Topic that is written to, and read; `{source}` stands for the name of the source. It is made by you.',
      examples: ['engage.received.{source}'],
    }),
    ...kafkaIdentity,
  },
  { description: 'A topic of Kafka. Experimental.' },
)

/** Tables of PostgreSQL that what is received is kept in. */
export const PostgresLog = table(
  {
    retention: Type.Optional(
      duration({
        description: 'How long it is kept at least, worked on or not. Whole days are dropped.',
        default: '72h',
        examples: ['168h'],
      }),
    ),
  },
  { description: 'Tables in the database of the state.' },
)
