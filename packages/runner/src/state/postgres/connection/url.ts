import { SyncError } from '@engage-sync/core'

/** Where in which database a state is. */
export interface PostgresPlace {
  /** For the driver; holds user and password. */
  readonly url: string
  /** The PostgreSQL schema with the tables of the state. */
  readonly schema: string
  /** For messages: host, port, database and schema; no user, no password. */
  readonly shown: string
}

const DEFAULT_SCHEMA = 'engage_sync'
const SCHEMA_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/

/**
 * All of these check the certificate in the driver's own words; naming the strictest keeps it from
 * warning.
 */
const VERIFYING = new Set(['prefer', 'require', 'verify-ca'])

/**
 * Reads `state.url`: PostgreSQL's own URL, with `?schema=NAME` beside its usual parameters.
 *
 * @throws {SyncError} `CONFIG_STATE_URL`
 */
export function readPostgresUrl(text: string): PostgresPlace {
  if (!URL.canParse(text)) throw refused('is no URL')
  const url = new URL(text)
  if (!/^postgres(ql)?:$/.test(url.protocol)) throw refused(`begins with ${url.protocol}//`)
  const schema = url.searchParams.get('schema') ?? DEFAULT_SCHEMA
  if (!SCHEMA_NAME.test(schema))
    throw refused('names a schema with other characters than letters, digits and _')
  url.searchParams.delete('schema')
  if (VERIFYING.has(url.searchParams.get('sslmode') ?? ''))
    url.searchParams.set('sslmode', 'verify-full')
  return {
    url: url.href,
    schema,
    shown: `${url.protocol}//${url.host}${url.pathname}, schema ${schema}`,
  }
}

function refused(why: string): SyncError {
  return new SyncError(
    'CONFIG_STATE_URL',
    `Expected state.url to be postgres://USER:PASSWORD@HOST:5432/DATABASE; it ${why}`,
    {
      hint: 'Leave `state` out to keep the state in a file beside the configuration.',
    },
  )
}
