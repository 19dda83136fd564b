import type { ExportedUser, UserRef } from '@engage-sync/contract'
import { rejectionOfBody } from '../answers/index.ts'
import type { BrazeExportedUser } from '../api/index.ts'
import { BrazeAnswerError, BrazeRejectedError, BrazeUnknownOutcomeError } from '../errors.ts'
import { exchange } from '../exchange/index.ts'
import type { Exchanger } from '../exchange/index.ts'
import { userKey } from '../identity/index.ts'
import { byKind, usersBody } from './users.ts'

/** What to ask of each user. */
export interface ExportFields {
  /** Names of standard and custom attributes. */
  readonly attributes: readonly string[]
  readonly events: boolean
}

const PATH = '/users/export/ids'
/** Members that may be asked for by `fields_to_export`; every other attribute is a custom one. */
const EXPORT_MEMBERS = new Set(
  `apps attributed_campaign attributed_source attributed_adgroup attributed_ad push_subscribe email_subscribe country language dob email
  first_name last_name home_city gender phone time_zone random_bucket created_at uninstalled_at last_coordinates devices total_revenue`.split(
    /\s+/,
  ),
)

/**
 * Asks Braze what it holds of users: one answer per user, in order. Several users may meet in one
 * profile.
 *
 * @throws {BrazeRejectedError} Braze refused the request
 * @see https://www.braze.com/docs/api/endpoints/export/user_data/post_users_identifier/
 */
export async function exportUsers(
  shared: Exchanger,
  users: readonly UserRef[],
  { fields, signal }: { readonly fields: ExportFields; readonly signal: AbortSignal },
): Promise<readonly ExportedUser[]> {
  const found = new Map<string, BrazeExportedUser>()
  for (const list of byKind(users).lists) {
    for (const exported of await exportList(
      shared,
      { ...usersBody(list), fields_to_export: fieldsToExport(fields) },
      signal,
    )) {
      for (const key of keysOf(exported)) found.set(key, exported)
    }
  }
  return users.map((user) => exportedUser(user, found.get(userKey(user)), fields))
}

async function exportList(
  shared: Exchanger,
  body: object,
  signal: AbortSignal,
): Promise<readonly BrazeExportedUser[]> {
  const bytes = Buffer.from(JSON.stringify(body))
  const result = await exchange(shared, {
    method: 'POST',
    path: PATH,
    body: bytes,
    group: 'export',
    repeatable: true,
    signal,
  })
  signal.throwIfAborted()
  if (result.kind === 'unknown') throw new BrazeUnknownOutcomeError(PATH, result.reason)
  if (result.kind === 'split' || result.status >= 300) {
    const rejection =
      result.kind === 'split'
        ? { code: 'BRAZE_TOO_LARGE' as const, message: 'the request is too large' }
        : rejectionOfBody(result.body)
    throw new BrazeRejectedError(PATH, {
      ...rejection,
      status: result.kind === 'split' ? 413 : result.status,
      requestId: null,
    })
  }
  const { users } = result.body as { users?: unknown }
  if (Array.isArray(users)) return users as BrazeExportedUser[]
  // Read as an empty list, it would tell of everybody that Braze does not know them.
  throw new BrazeAnswerError(PATH, {
    status: result.status,
    what: 'without a list of users',
    requestId: result.requestId,
  })
}

function fieldsToExport({ attributes, events }: ExportFields): readonly string[] {
  const standard = attributes.filter((name) => EXPORT_MEMBERS.has(name))
  const hasCustom = standard.length < attributes.length
  return [
    'external_id',
    'user_aliases',
    ...standard,
    ...(hasCustom ? ['custom_attributes'] : []),
    ...(events ? ['custom_events'] : []),
  ]
}

function keysOf({
  external_id: externalId,
  user_aliases: aliases = [],
}: BrazeExportedUser): readonly string[] {
  const keys = aliases.map(({ alias_name: name, alias_label: label }) =>
    userKey({ alias: { name, label } }),
  )
  return externalId === undefined ? keys : [...keys, userKey({ externalId })]
}

function exportedUser(
  user: UserRef,
  exported: BrazeExportedUser | undefined,
  fields: ExportFields,
): ExportedUser {
  const attributes = new Map<string, unknown>()
  const custom = exported?.custom_attributes ?? {}
  for (const name of fields.attributes) {
    const holder = EXPORT_MEMBERS.has(name) ? (exported ?? {}) : custom
    if (Object.hasOwn(holder, name)) attributes.set(name, holder[name])
  }
  const events = (exported?.custom_events ?? []).map(
    ({ name, count, first, last }) =>
      [name, { count, firstMs: Date.parse(first), lastMs: Date.parse(last) }] as const,
  )
  return { user, found: exported !== undefined, attributes, events: new Map(events) }
}
