import type { Json, JsonObject } from '@engage-sync/core'
import { drop } from '../applying.ts'
import type { Applying } from '../applying.ts'
import { isObject, isText, listOf } from '../json.ts'
import { findOne } from './find.ts'
import type { Found } from './find.ts'

/** The arrays of a delete request, and how an entry of each names a profile. */
export const DELETE_ARRAYS: { readonly [Name: string]: (item: Json, applying: Applying) => Found } = {
  external_ids: (item, applying) => findOne({ external_id: item }, applying),
  user_aliases: (item, applying) => findOne({ user_alias: item }, applying),
  braze_ids: (item, { workspace }) => (isText(item) ? (workspace.directory.byBrazeId(item) ?? null) : null),
  email_addresses: (item, applying) => findOne(isObject(item) ? item : { email: item }, applying),
  phone_numbers: (item, applying) => findOne(isObject(item) ? item : { phone: item }, applying),
}

/**
 * Deletes profiles; unknown ones change nothing.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_delete/
 */
export function applyDelete(body: JsonObject, applying: Applying): void {
  for (const [array, find] of Object.entries(DELETE_ARRAYS)) {
    listOf(body, array).forEach((item, index) => {
      const found = find(item, applying)
      const place = { input: 'delete', index, user: null }
      if (found === 'ambiguous') drop(applying, place, 'ambiguous_user')
      else if (found === null) drop(applying, place, 'unknown_user')
      else if (applying.rules.deleteUsers) applying.workspace.removeUser(found)
    })
  }
}
