import { Type } from 'typebox'
import type { Static } from 'typebox'
import { Braze } from './braze.ts'
import { Notify } from './notify.ts'
import { AnySource, SourceRef } from './source.ts'
import { KafkaLog, NatsLog, PostgresLog } from './streams.ts'
import { Privacy } from './sync.ts'
import {
  duration,
  listenAddress,
  named,
  oneOf,
  percentage,
  size,
  table,
  text,
  Version,
} from './terms.ts'

const Segment = table(
  {
    region: Type.Optional(
      oneOf(['us', 'eu'], { description: 'Region of the Segment workspace.', default: 'us' }),
    ),
    space_id: text({ description: 'Id of the Segment space.', examples: ['spa_0123'] }),
    profile_api_token: Type.Optional(
      text({
        description: 'Profile API token, by reference.',
        examples: ['${SEGMENT_PROFILE_API_TOKEN}'],
      }),
    ),
    public_api_token: Type.Optional(
      text({
        description: 'Public API token, by reference.',
        examples: ['${SEGMENT_PUBLIC_API_TOKEN}'],
      }),
    ),
  },
  { description: 'The Segment space, for its APIs.' },
)

const State = table(
  {
    url: Type.Optional(
      text({
        description:
          '`postgres://…` by reference. Default: SQLite under `.engage-sync/<environment>/`.',
        examples: ['${DATABASE_URL}'],
      }),
    ),
    keep_values: Type.Optional(
      Type.Boolean({
        description:
          'Whether the state keeps last values, not digests alone. They are personal data.',
        default: false,
      }),
    ),
    dead_letter_days: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 365,
        description: 'Days after which refused records are erased.',
        default: 30,
      }),
    ),
  },
  { description: 'Where the state is kept.' },
)

const Guards = table(
  {
    max_removals: Type.Optional(
      percentage({
        description:
          "Most members a run may remove, as a share of a membership's members when the run starts.",
        default: '20%',
      }),
    ),
    min_removals: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Removals up to this number are never stopped.',
        default: 50,
      }),
    ),
    max_additions: Type.Optional(
      percentage({
        description:
          'Most members a run may add, as the same share, above 1,000. New memberships are exempt.',
        default: '50%',
      }),
    ),
    max_data_points: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Most data points of one run. Default: no limit.',
        examples: [500000],
      }),
    ),
    max_rejected: Type.Optional(
      percentage({
        description:
          'Most values a run may reject, as a share of those it reads, above 10. Default: no limit.',
        examples: ['5%'],
      }),
    ),
    empty_source: Type.Optional(
      oneOf(['stop', 'allow'], {
        description:
          'When the whole source is empty where it once held records. One that is gone is an error.',
        default: 'stop',
      }),
    ),
  },
  { description: 'What stops a run before anything is sent.' },
)

const Serve = table(
  {
    listen: Type.Optional(
      listenAddress({
        description: 'Where it listens, `HOST:PORT`. No host: everywhere. Port 0: any free one.',
        default: '127.0.0.1:8080',
        examples: ['127.0.0.1:8080', ':8080', '[::1]:8080'],
      }),
    ),
    window: Type.Optional(
      duration({
        description:
          'Least time between two windows. Longer ones fill requests better, and values arrive later. `0ms`: as soon as the last one ended.',
        default: '0ms',
        examples: ['500ms'],
      }),
    ),
    max_log: Type.Optional(
      size({
        description:
          'Most that is kept of what was received and not yet worked on. Beyond it, Segment is told to come again.',
        default: '10GB',
        examples: ['10GB'],
      }),
    ),
    log: Type.Optional(
      Type.Union(
        [
          oneOf(['spool', 'postgres'], { description: 'Files, or tables beside the state.' }),
          table({ postgres: PostgresLog }, { description: 'Tables of PostgreSQL.' }),
          table({ nats: NatsLog }, { description: 'A stream of NATS JetStream.' }),
          table({ kafka: KafkaLog }, { description: 'A topic of Kafka. Experimental.' }),
        ],
        {
          description:
            'Where what webhooks receive is kept until it is worked on: `spool`, files of this machine; `postgres`, tables beside the state; `nats` or `kafka`.',
          default: 'spool',
        },
      ),
    ),
    admin_token: Type.Optional(
      text({
        description:
          'Token for `/debug` and `/metrics`, by reference. Without it they answer on this machine alone.',
        examples: ['${ADMIN_TOKEN}'],
      }),
    ),
    trust_proxy: Type.Optional(
      Type.Boolean({
        description:
          'true: a proxy stands before the server, so that no request counts as one of this machine.',
        default: false,
      }),
    ),
  },
  { description: 'How `engage-sync serve` listens and works.' },
)

const Environment = table(
  {
    braze: Braze,
    segment: Type.Optional(Segment),
    sources: Type.Optional(named(SourceRef, { description: 'Sources by name.' })),
    state: Type.Optional(State),
    guards: Type.Optional(Guards),
    serve: Type.Optional(Serve),
    notify: Type.Optional(
      Type.Array(Notify, {
        description: 'Who is told when a run does not go well, and when it does again.',
        examples: [[{ slack: '${SLACK_URL}', on: ['failed', 'recovered'] }]],
      }),
    ),
    on_unknown: Type.Optional(
      oneOf(['verify', 'repeat', 'skip'], {
        description: 'Events whose request got no answer: look in Braze, send again, or leave out.',
        default: 'verify',
      }),
    ),
    privacy: Type.Optional(Privacy),
  },
  { description: 'One Braze workspace and one Segment space.' },
)

/** The project file. */
export const Project = Type.Object(
  {
    version: Version,
    environments: named(Environment, {
      description: 'Environments by name; `local` is the default.',
      minProperties: 1,
    }),
    guards: Type.Optional(Guards),
    serve: Type.Optional(Serve),
  },
  {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'engage-sync project',
    description: 'The project: its environments, guards and server.',
    additionalProperties: false,
    $defs: { source: AnySource },
  },
)

/** The project file as written. */
export type ProjectConfig = Static<typeof Project>
/** One environment as written. */
export type EnvironmentConfig = Static<typeof Environment>
/** The guards as written. */
export type GuardsConfig = Static<typeof Guards>
/** How the server works, as written. */
export type ServeConfig = Static<typeof Serve>
/** Where the server keeps what it receives, as written. */
export type LogConfig = NonNullable<ServeConfig['log']>
