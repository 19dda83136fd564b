import type { Json, JsonObject } from '@engage-sync/contract'
import { aliasOf } from '../identity/index.ts'
import { exportProfile } from '../model/index.ts'
import type { ExportOptions, User } from '../model/index.ts'
import { CHOSEN, LIMITS } from '../specification/index.ts'
import { isText, listOf } from '../values/index.ts'
import type { Call, Reply } from './endpoint.ts'

/** Identifiers that name one user. */
const SINGLE = ['braze_id', 'device_id', 'email_address', 'phone'] as const
const DAY_MS = 86_400_000

/**
 * `/users/export/ids`
 *
 * @see https://www.braze.com/docs/api/endpoints/export/user_data/post_users_identifier/
 */
export function answerExport(body: JsonObject, call: Call): Reply {
  const { rules, settings } = call.engine
  const externalIds = listOf(body, 'external_ids')
  const aliases = listOf(body, 'user_aliases')
  if (rules.idsPerRequest && externalIds.length + aliases.length > LIMITS.idsPerRequest)
    return CHOSEN.tooManyIds
  const fields = listOf(body, 'fields_to_export').filter(isText)
  if (rules.exportFields && settings.account === 'new_account' && fields.length === 0)
    return CHOSEN.fieldsRequired
  if (rules.exportOneIdentifier && SINGLE.filter((key) => isText(body[key])).length > 1)
    return CHOSEN.oneIdentifier
  const { users, unknown } = lookUp(body, { externalIds, aliases }, call)
  if (users === null) return CHOSEN.idsRequired
  const wanted = rules.exportFields && fields.length > 0 ? new Set(fields) : null
  const exported = users.map((user) =>
    exportProfile(user, call.engine.workspace, { wanted, ...limitsOf(call) }),
  )
  const answer = { users: exported, message: 'success' }
  return {
    status: 201,
    body:
      unknown.length > 0 && rules.exportInvalidIds
        ? { ...answer, invalid_user_ids: unknown }
        : answer,
  }
}

/** What every export leaves out and adds. */
export function limitsOf({ engine }: Pick<Call, 'engine'>): Omit<ExportOptions, 'wanted'> {
  const { rules } = engine
  return {
    keepEmpty: !rules.exportOmitsEmpty,
    withComputed: rules.exportComputed,
    eventsSince: rules.exportEventDays ? engine.now() - LIMITS.exportedDays * DAY_MS : -Infinity,
  }
}

function lookUp(
  body: JsonObject,
  { externalIds, aliases }: { externalIds: readonly Json[]; aliases: readonly Json[] },
  { engine }: Call,
): { users: readonly User[] | null; unknown: readonly Json[] } {
  const { directory } = engine.workspace
  const found = new Set<User>()
  const unknown: Json[] = []
  const keep = (user: User | undefined, id: Json) => {
    if (user === undefined) unknown.push(id)
    else found.add(user)
  }
  for (const id of externalIds) keep(directory.byExternalId(String(id)), id)
  for (const item of aliases) {
    const alias = aliasOf(item)
    keep(alias === null ? undefined : directory.byAlias(alias), alias?.name ?? item)
  }
  if (isText(body.braze_id)) keep(directory.byBrazeId(body.braze_id), body.braze_id)
  if (isText(body.device_id)) keep(directory.byDevice(body.device_id), body.device_id)
  for (const user of isText(body.email_address) ? directory.byEmail(body.email_address) : [])
    found.add(user)
  for (const user of isText(body.phone) ? directory.byPhone(body.phone) : []) found.add(user)
  const isAsked = externalIds.length + aliases.length > 0 || SINGLE.some((key) => isText(body[key]))
  return { users: isAsked ? [...found] : null, unknown }
}
