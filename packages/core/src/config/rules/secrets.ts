import type { ConfigPath } from '../../model/source-range.ts'
import type { ConfigDocument } from '../document/document.ts'
import { isReference, referencesIn } from '../secrets/references.ts'
import { isLoopback } from './endpoint.ts'
import type { Rule } from './rule.ts'

const SECRET_KEYS = new Set([
  'api_key',
  'partner_api_key',
  'data_import_key',
  'profile_api_token',
  'public_api_token',
  'shared_secret',
  'admin_token',
  'access_key_id',
  'secret_access_key',
  'slack',
  'secret',
  'credentials',
  'token',
  'password',
])
/** Names of variables that hints propose. */
const VARIABLES: Readonly<Record<string, string>> = {
  api_key: 'BRAZE_API_KEY',
  partner_api_key: 'BRAZE_PARTNER_API_KEY',
  data_import_key: 'BRAZE_DATA_IMPORT_KEY',
  profile_api_token: 'SEGMENT_PROFILE_API_TOKEN',
  public_api_token: 'SEGMENT_PUBLIC_API_TOKEN',
  shared_secret: 'WEBHOOK_SECRET',
  admin_token: 'ADMIN_TOKEN',
  value: 'WEBHOOK_TOKEN',
  access_key_id: 'S3_KEY_ID',
  secret_access_key: 'S3_SECRET',
  url: 'DATABASE_URL',
  slack: 'SLACK_URL',
  secret: 'ALERT_SECRET',
  credentials: 'NATS_CREDENTIALS',
  token: 'NATS_TOKEN',
  password: 'STREAM_PASSWORD',
  key: 'file:secrets/client.key',
}
/** What the simulator accepts; known to everyone, so no secret. */
const SIMULATOR_KEY = 'simulator'

/** Secrets are references, references are well-formed and stand in the project file alone. */
export const checkSecrets: Rule = ({ project, syncs, cases }) => {
  if (project !== null) {
    const local = Object.entries(project.config.environments).flatMap(([name, { braze }]) =>
      isLocal(braze.endpoint) ? [name] : [],
    )
    const read = { document: project.document, local: new Set(local) }
    visitTexts(project.config, [], (text, path) => checkProjectText(read, text, path))
  }
  for (const { document, config } of syncs)
    visitTexts(config, [], (text, path) => refuseReference(document, text, path))
  for (const { document, config } of cases)
    visitTexts(config, [], (text, path) => refuseReference(document, text, path))
}

const isLocal = (endpoint: string | undefined) =>
  endpoint !== undefined && (endpoint === 'simulator' || isLoopback(endpoint))

function checkProjectText(
  { document, local }: { readonly document: ConfigDocument; readonly local: ReadonlySet<string> },
  text: string,
  path: ConfigPath,
): void {
  const references = referencesIn(text)
  const broken = references.find((reference) => reference.kind === 'invalid')
  if (broken !== undefined) {
    return document.report(
      'SECRET_REFERENCE_INVALID',
      document.rangeInside(path, broken.start, broken.end),
      {
        message: 'a reference is `${NAME}` or `${file:PATH}`',
        hint: text.includes(':-')
          ? 'Defaults are not possible: a missing secret must stop a run.'
          : 'NAME takes letters, digits and `_`.',
      },
    )
  }
  if (!isSecretPlace(path, text) || isReference(text)) return
  if (text === SIMULATOR_KEY && local.has(String(path[1]))) return
  document.report('SECRET_IN_CLEAR', document.rangeOf(path), {
    message: `"${path.at(-1)}" holds a secret in clear`,
    hint: `Write \`\${${VARIABLES[String(path.at(-1))] ?? 'NAME'}}\` and set that variable; revoke what was written here.`,
  })
}

function isSecretPlace(path: ConfigPath, text: string): boolean {
  const key = String(path.at(-1))
  if (SECRET_KEYS.has(key)) return true
  if (key === 'value' && path.at(-2) === 'header') return true
  if (key === 'key' && path.at(-2) === 'tls') return true
  return hasPassword(text)
}

/** A URL with a password that is not a reference. */
function hasPassword(text: string): boolean {
  const password = /:\/\/[^\s/:@]*:(\S+)@/.exec(text)?.[1]
  return password !== undefined && !isReference(password)
}

function refuseReference(document: ConfigDocument, text: string, path: ConfigPath): void {
  const reference = referencesIn(text).find(({ kind }) => kind !== 'invalid')
  if (reference === undefined) return
  document.report(
    'SECRET_OUTSIDE_PROJECT',
    document.rangeInside(path, reference.start, reference.end),
    {
      message: 'references to secrets belong in engage-sync.yaml alone',
      hint: 'Name the source or the environment here, and the secret there.',
    },
  )
}

function visitTexts(
  value: unknown,
  path: ConfigPath,
  visit: (text: string, path: ConfigPath) => void,
): void {
  if (typeof value === 'string') return visit(value, path)
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) visitTexts(child, [...path, key], visit)
}
