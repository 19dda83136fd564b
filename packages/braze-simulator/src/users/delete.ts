import type { Json, JsonObject } from '@engage-sync/contract'
import { findOne } from '../identity/index.ts'
import type { Found } from '../identity/index.ts'
import { drop } from '../model/index.ts'
import type { WriteContext } from '../model/index.ts'
import { isObject, isText, listOf } from '../values/index.ts'

/** The arrays of a delete request, and how an entry of each names a profile. */
export const DELETE_ARRAYS: {
  readonly [Name: string]: (item: Json, context: WriteContext) => Found
} = {
  external_ids: (item, context) => findOne({ external_id: item }, context),
  user_aliases: (item, context) => findOne({ user_alias: item }, context),
  braze_ids: (item, { workspace }) =>
    isText(item) ? (workspace.directory.byBrazeId(item) ?? null) : null,
  email_addresses: (item, context) => findOne(isObject(item) ? item : { email: item }, context),
  phone_numbers: (item, context) => findOne(isObject(item) ? item : { phone: item }, context),
}

/**
 * Deletes profiles; unknown ones change nothing.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_delete/
 */
export function applyDelete(body: JsonObject, context: WriteContext): void {
  for (const [array, find] of Object.entries(DELETE_ARRAYS)) {
    listOf(body, array).forEach((item, index) => {
      const found = find(item, context)
      const position = { input: 'delete', index, user: null }
      if (found === 'ambiguous') drop(context, position, 'ambiguous_user')
      else if (found === null) drop(context, position, 'unknown_user')
      else if (context.rules.deleteUsers) context.workspace.removeUser(found)
    })
  }
}
