import type { ConfigPath } from '../../model/source-range.ts'
import { SOURCE_PLACE } from '../../schema/vocabulary.ts'
import type { LogConfig } from '../../schema/project.ts'
import type { ConfigDocument } from '../document/document.ts'
import type { Rule, RuleContext } from './rule.ts'
import { writtenSources } from './sources.ts'

/** Who asks, as a stream may be told. */
interface Identity {
  readonly credentials?: string
  readonly token?: string
  readonly user?: string
  readonly password?: string
}

/** A stream is told in one way who asks. */
export const checkStreams: Rule = (context) => {
  for (const { document, config, path } of writtenSources(context))
    if ('nats' in config) checkIdentity(document, config.nats, [...path, 'nats'])
  for (const { document, log, path } of writtenLogs(context))
    if (typeof log === 'object' && 'nats' in log)
      checkIdentity(document, log.nats, [...path, 'nats'])
}

/** Each webhook has a log of its own. */
export const checkLogs: Rule = ({ project }) => {
  if (project === null) return
  const { document } = project
  for (const { name, sources, serve, state } of project.project.environments.values()) {
    if (serve.log === 'spool') continue
    if ('postgres' in serve.log) {
      if (state.url === null) reportNoDatabase(document, name)
      continue
    }
    const webhooks = [...sources].filter(([, config]) => 'webhook' in config)
    const shared = 'nats' in serve.log ? serve.log.nats.subject : serve.log.kafka.topic
    if (webhooks.length < 2 || shared.includes(SOURCE_PLACE)) continue
    const place = ['environments', name, 'sources', webhooks[1]?.[0] ?? '']
    document.report('LOG_SHARED', document.rangeOf(place, 'key'), {
      message: `source "${webhooks[1]?.[0]}" would share the log of "${webhooks[0]?.[0]}"`,
      hint: `Write \`${SOURCE_PLACE}\` into the subject or topic of \`serve.log\`, such as \`engage.received.${SOURCE_PLACE}\`.`,
    })
  }
}

function reportNoDatabase(document: ConfigDocument, environment: string): void {
  document.report('LOG_DATABASE', document.rangeOf(['environments', environment], 'key'), {
    message:
      '`serve.log: postgres` keeps what is received beside the state, which is in no PostgreSQL',
    hint: 'Add `state: { url: "${DATABASE_URL}" }` to the environment, or leave `serve.log` out.',
  })
}

function writtenLogs({ project }: RuleContext): readonly {
  readonly document: ConfigDocument
  readonly log: LogConfig
  readonly path: ConfigPath
}[] {
  if (project === null) return []
  const { document, config } = project
  const places = [
    { serve: config.serve, path: ['serve', 'log'] },
    ...Object.entries(config.environments).map(([name, { serve }]) => ({
      serve,
      path: ['environments', name, 'serve', 'log'],
    })),
  ]
  return places.flatMap(({ serve, path }) =>
    serve?.log === undefined || document.isDamaged(path)
      ? []
      : [{ document, log: serve.log, path }],
  )
}

function checkIdentity(document: ConfigDocument, identity: Identity, path: ConfigPath): void {
  if (document.isDamaged(path)) return
  const { credentials, token, user, password } = identity
  const given = Object.entries({ credentials, token, user }).filter(
    ([, text]) => text !== undefined,
  )
  const second = given[1]?.[0]
  if (second !== undefined)
    document.report('STREAM_IDENTITY', document.rangeOf([...path, second], 'key'), {
      message: `"${second}" stands beside "${given[0]?.[0]}": who asks is told in one way`,
      hint: 'Keep one of `credentials`, `token`, and `user` with `password`.',
    })
  if ((user === undefined) !== (password === undefined))
    document.report('STREAM_IDENTITY', document.rangeOf(path, 'key'), {
      message:
        user === undefined
          ? '"password" stands without "user"'
          : '"user" stands without "password"',
      hint: 'Write both, the password by reference: `password: "${STREAM_PASSWORD}"`.',
    })
}
