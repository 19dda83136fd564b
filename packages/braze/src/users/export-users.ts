import type { ExportedUser, ExportFields, UserRef } from '@engage-sync/contract'
import type { BrazeExportedUser } from '../api/index.ts'
import { BrazeAnswerError } from '../errors.ts'
import type { Exchanger } from '../exchange/index.ts'
import { userKey } from '../identity/index.ts'
import { askUsers } from './ask-users.ts'
import { fieldsToExport, NOTHING_HELD, profileOf, usersOf } from './profile.ts'
import { byKind, usersBody } from './users.ts'

const PATH = '/users/export/ids'

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
    for (const exported of await exportBatch(
      shared,
      { ...usersBody(list), fields_to_export: fieldsToExport(fields) },
      signal,
    )) {
      for (const known of usersOf(exported)) found.set(userKey(known), exported)
    }
  }
  return users.map((user) => exportedUser(user, found.get(userKey(user)), fields))
}

async function exportBatch(
  shared: Exchanger,
  body: object,
  signal: AbortSignal,
): Promise<readonly BrazeExportedUser[]> {
  const result = await askUsers(shared, {
    path: PATH,
    body,
    group: 'export',
    repeatable: true,
    signal,
  })
  const { users } = result.body as { users?: unknown }
  if (Array.isArray(users)) return users as BrazeExportedUser[]
  // Read as an empty list, it would tell of everybody that Braze does not know them.
  throw new BrazeAnswerError(PATH, {
    status: result.status,
    what: 'without a list of users',
    requestId: result.requestId,
  })
}

function exportedUser(
  user: UserRef,
  exported: BrazeExportedUser | undefined,
  fields: ExportFields,
): ExportedUser {
  return exported === undefined
    ? { ...NOTHING_HELD, user, found: false }
    : { ...profileOf(exported, fields), user, found: true }
}
