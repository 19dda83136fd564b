import { Type } from 'typebox'
import type { Static } from 'typebox'
import { BRAZE_INSTANCES } from '@engage-sync/contract'
import type { BrazeInstance } from '@engage-sync/contract'
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

const Cohorts = table(
  {
    partner: text({ description: 'Partner name Braze gave your team.', examples: ['acme'] }),
    partner_api_key: text({
      description: 'Partner API key, by reference.',
      examples: ['${BRAZE_PARTNER_API_KEY}'],
    }),
    data_import_key: text({
      description: 'Data Import Key of the workspace, by reference.',
      examples: ['${BRAZE_DATA_IMPORT_KEY}'],
    }),
  },
  {
    description:
      'For teams with a Braze partner key of their own. Without it, cohorts need `attribute` beside them.',
  },
)

const Braze = table(
  {
    endpoint: Type.Optional(
      text({
        description: '`simulator`, or the REST URL. Plain http is accepted for this machine only.',
        examples: ['simulator', 'https://rest.iad-03.braze.com', 'http://127.0.0.1:8787'],
      }),
    ),
    instance: Type.Optional(
      oneOf(Object.keys(BRAZE_INSTANCES) as BrazeInstance[], {
        description:
          'Braze instance, instead of `endpoint`; for one that is not in this list write its REST URL as `endpoint`.',
        examples: ['US-03'],
      }),
    ),
    api_key: Type.Optional(
      text({
        description: 'REST API key, by reference. The simulator needs none.',
        examples: ['${BRAZE_API_KEY}'],
      }),
    ),
    batch: Type.Optional(
      oneOf(['combined', 'per_array', 'bulk'], {
        description:
          'How requests are filled: 75 objects in all, 75 of each kind, or the bulk endpoint. Your contract says which.',
        default: 'combined',
      }),
    ),
    requests_per_second: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1000,
        description:
          'Requests a second, evenly; set it where other programs share the limit. Default: what Braze takes, 3,000 in any 3 seconds (`bulk`: 50 a second), and no more than its headers allow.',
        examples: [250],
      }),
    ),
    settle: Type.Optional(
      duration({
        description:
          'Least time between two requests that depend on each other for one user. Braze usually applies one in 10 to 100 ms, and recommends to wait 5 minutes where it must be sure.',
        default: '5s',
        examples: ['5s', '500ms'],
      }),
    ),
    verify_after: Type.Optional(
      duration({
        description:
          'With `on_unknown: verify`: how long after a request Braze not having its events means that it never got them.',
        default: '60s',
        examples: ['60s', '2m'],
      }),
    ),
    company_time_zone: Type.Optional(
      text({
        description: 'Time zone of the Braze company (IANA name), for filters by date.',
        default: 'UTC',
        examples: ['Europe/Berlin'],
      }),
    ),
    cohorts: Type.Optional(Cohorts),
  },
  { description: 'The Braze workspace.' },
)

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
