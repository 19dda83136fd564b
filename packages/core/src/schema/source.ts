import { Type } from 'typebox'
import type { Static } from 'typebox'
import { KafkaTopic, NatsStream } from './streams.ts'
import { definition, oneOf, size, table, text } from './terms.ts'

const Place = text({
  description:
    'A file, a directory, a glob, `s3://bucket/prefix/**`, or `-` for standard input. Relative to the parent of the configuration directory.',
  examples: [
    'data/engage/**/*.ndjson.gz',
    's3://acme-segment/segment-logs/ENGAGE_SOURCE_ID/**',
    '-',
  ],
})

const S3 = table(
  {
    region: Type.Optional(
      text({
        description: 'AWS region. Default: what the AWS configuration of the machine says.',
        examples: ['eu-west-1'],
      }),
    ),
    endpoint: Type.Optional(
      text({ description: 'URL of an S3-compatible server.', examples: ['http://127.0.0.1:9000'] }),
    ),
    access_key_id: Type.Optional(
      text({
        description: 'Access key, by reference. Default: the credentials of the machine.',
        examples: ['${S3_KEY_ID}'],
      }),
    ),
    secret_access_key: Type.Optional(
      text({ description: 'Secret of the access key, by reference.', examples: ['${S3_SECRET}'] }),
    ),
  },
  { description: 'How to reach the bucket of an `s3://` address.' },
)

const Trusted = Type.Array(
  oneOf(['unmarked', 'deletes', 'client'], {
    description:
      '`unmarked`: calls that Engage did not mark as its own. `deletes`: requests to forget a user. `client`: calls of browsers and apps.',
  }),
  {
    description:
      'What is believed beside what Engage sends. Anyone with a public write key can write into the folder of their source: name a folder that only Engage writes to before you trust more.',
    default: [],
    uniqueItems: true,
    examples: [['deletes']],
  },
)

const Schedule = text({
  description:
    'When `engage-sync serve` reads it, in UTC, as cron has it: minute, hour, day, month, weekday. Default: when the server starts. A run reads it whenever it is started.',
  examples: ['*/30 * * * *', '0 6 * * mon-fri'],
})

const Time = oneOf(['timestamp', 'originalTimestamp', 'receivedAt'], {
  description: 'Which member of an event is its time.',
  default: 'timestamp',
})

/** Event files, as Segment writes them to storage. */
export const EventFiles = table(
  {
    events: Type.Union(
      [Place, Type.Array(Place, { minItems: 1, description: 'Several places, read as one.' })],
      {
        description: 'Where the event files are.',
      },
    ),
    time: Type.Optional(Time),
    s3: Type.Optional(S3),
    trust: Type.Optional(Trusted),
    schedule: Type.Optional(Schedule),
  },
  { description: 'Event files: NDJSON, plain or gzip.' },
)

/** Segment Profiles Sync in PostgreSQL. */
export const ProfilesSync = table(
  {
    profiles_sync: table(
      {
        url: text({
          description: 'Connection URL of the warehouse, by reference.',
          examples: ['${WAREHOUSE_URL}'],
        }),
        schema: text({ description: 'Schema Segment writes to.', examples: ['segment'] }),
        reconcile: Type.Optional(
          Type.Boolean({
            description:
              'true: read everything each time, and take back values and whole profiles that are gone. false: read what is new.',
            default: false,
          }),
        ),
      },
      { description: 'Tables of Segment Profiles Sync in PostgreSQL.' },
    ),
    schedule: Type.Optional(Schedule),
  },
  { description: 'Profiles as Segment Profiles Sync writes them to PostgreSQL.' },
)

/** Segment Profile API, for a list of users. */
export const ProfileApi = table(
  {
    profile_api: table(
      {
        users: text({
          description: 'File with one user a line, or CSV with a header.',
          examples: ['users.txt'],
        }),
        column: Type.Optional(
          text({
            description: 'Column of the CSV that holds the identifier. Default: the first.',
            examples: ['user_id'],
          }),
        ),
        id_type: Type.Optional(
          text({
            description: 'Type of the identifiers in the file.',
            default: 'user_id',
            examples: ['email'],
          }),
        ),
        requests_per_second: Type.Optional(
          Type.Number({
            exclusiveMinimum: 0,
            maximum: 100,
            description: 'Requests a second, shared by the space.',
            default: 100,
          }),
        ),
      },
      {
        description:
          'Traits of listed users from the Segment Profile API; needs `segment` in the environment.',
      },
    ),
    schedule: Type.Optional(Schedule),
  },
  { description: 'Traits of listed users, asked from the Segment Profile API.' },
)

const WebhookPath = Type.String({
  pattern: '^/[^\\s?#]*$',
  description: 'A path of the server, without a query.',
  examples: ['/segment'],
})

const WebhookHeader = table(
  {
    name: text({ description: 'Header name.', examples: ['authorization'] }),
    value: text({ description: 'Header value, by reference.', examples: ['${WEBHOOK_TOKEN}'] }),
  },
  { description: 'A header every request must carry.' },
)

/** Events that Segment posts to `engage-sync serve`. */
export const Webhook = table(
  {
    webhook: table(
      {
        path: Type.Optional(
          Type.Union(
            [
              WebhookPath,
              Type.Array(WebhookPath, {
                minItems: 1,
                uniqueItems: true,
                description: 'Several paths, taken alike.',
              }),
            ],
            {
              description: 'Path that is listened on, or several.',
              default: '/segment',
              examples: ['/segment'],
            },
          ),
        ),
        shared_secret: Type.Optional(
          text({
            description: 'Secret of the X-Signature header, by reference.',
            examples: ['${WEBHOOK_SECRET}'],
          }),
        ),
        header: Type.Optional(WebhookHeader),
        unsigned: Type.Optional(
          Type.Boolean({
            description:
              'true: takes requests of everybody who reaches the path. Needed where neither `shared_secret` nor `header` is there, so that nobody leaves a door open by mistake.',
            default: false,
          }),
        ),
        max_body: Type.Optional(
          size({
            description: 'Largest body that is taken.',
            default: '8MB',
            examples: ['8MB', '512KB'],
          }),
        ),
      },
      { description: 'Events that `engage-sync serve` receives over HTTP.' },
    ),
    trust: Type.Optional(Trusted),
  },
  { description: "Events from Segment's Webhooks destination, as `engage-sync serve` takes them." },
)

/** Events that something else puts into a stream of NATS. */
const Nats = table(
  { nats: NatsStream, time: Type.Optional(Time), trust: Type.Optional(Trusted) },
  { description: 'Events from a stream of NATS JetStream.' },
)

/** Events that something else puts into a topic of Kafka. */
const Kafka = table(
  { kafka: KafkaTopic, time: Type.Optional(Time), trust: Type.Optional(Trusted) },
  { description: 'Events from a topic of Kafka. Experimental.' },
)

/** A source of Engage data. Published as `#/$defs/source`. */
export const AnySource = Type.Union([EventFiles, ProfilesSync, ProfileApi, Webhook, Nats, Kafka], {
  description:
    'Where Engage data comes from: `events`, `profiles_sync`, `profile_api`, `webhook`, `nats` or `kafka`.',
  examples: [{ events: 'data/engage/**/*.ndjson.gz' }],
})

/** A source as written. */
export type SourceConfig = Static<typeof AnySource>
/** A reference to the source definition of the same document. */
export const SourceRef = definition<SourceConfig>('source')
