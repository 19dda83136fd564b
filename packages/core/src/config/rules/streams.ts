import type { NormalisedLog } from '../../model/environment.ts'
import type { ConfigPath } from '../../model/source-range.ts'
import { logDirectory, logToken, SOURCE_PLACE } from '../../schema/vocabulary.ts'
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
    if (typeof serve.log === 'object' && 'postgres' in serve.log) {
      if (state.url === null) reportNoDatabase(document, name)
      continue
    }
    const shared = sharedLog(serve.log)
    const logs = new Map<string, string>()
    for (const source of webhooksOf(sources)) {
      const log = shared ?? placeName(source, serve.log)
      const first = logs.get(log)
      logs.set(log, first ?? source)
      if (first === undefined) continue
      const place = ['environments', name, 'sources', source]
      document.report('LOG_SHARED', document.rangeOf(place, 'key'), {
        message: `source "${source}" would share the log of "${first}"`,
        hint: shared === null ? ALIKE : UNTOLD,
      })
      if (shared !== null) break
    }
  }
}

function webhooksOf(sources: ReadonlyMap<string, object>): readonly string[] {
  return [...sources].filter(([, config]) => 'webhook' in config).map(([source]) => source)
}

/** The one subject or topic of all sources; null where each has its own. */
function sharedLog(log: NormalisedLog): string | null {
  if (log === 'spool' || 'postgres' in log) return null
  const shared = 'nats' in log ? log.nats.subject : log.kafka.topic
  return shared.includes(SOURCE_PLACE) ? null : shared
}

/** A source's name as directories, which may not tell capitals apart, or subjects and topics have it. */
function placeName(source: string, log: NormalisedLog): string {
  return log === 'spool' ? logDirectory(source).toLowerCase() : logToken(source)
}

const UNTOLD = `Write \`${SOURCE_PLACE}\` into the subject or topic of \`serve.log\`, such as \`engage.received.${SOURCE_PLACE}\`.`
const ALIKE =
  'Give it another name: the two differ in nothing that the name of a directory, a subject or a topic can tell.'

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
