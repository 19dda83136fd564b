import type { JsonObject } from '@engage-sync/core'
import { drop } from '../applying.ts'
import type { Applying } from '../applying.ts'
import { isObject, listOf } from '../json.ts'
import { findOne, objectsOf } from './find.ts'
import { join } from './join.ts'

/**
 * Merges pairs of profiles; pairs of which one cannot be told change nothing.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_users_merge/
 */
export function applyMerge(body: JsonObject, applying: Applying): void {
  for (const [index, item] of objectsOf(listOf(body, 'merge_updates'))) {
    const { identifier_to_merge: merged, identifier_to_keep: kept } = item
    if (!isObject(merged) || !isObject(kept)) continue
    const source = findOne(merged, applying)
    const target = findOne(kept, applying)
    const place = { input: 'merge', index, user: null }
    if (source === 'ambiguous' || target === 'ambiguous') drop(applying, place, 'ambiguous_user')
    else if (source === null || target === null) drop(applying, place, 'unknown_user')
    else if (source !== target) join(source, target, applying)
  }
}
