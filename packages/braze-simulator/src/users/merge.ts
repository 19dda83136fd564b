import type { JsonObject } from '@engage-sync/contract'
import { findOne } from '../identity/index.ts'
import { drop } from '../model/index.ts'
import type { WriteContext } from '../model/index.ts'
import { isObject, listOf, objectsOf } from '../values/index.ts'
import { join } from './join.ts'

/**
 * Merges pairs of profiles; pairs of which one cannot be told change nothing.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_users_merge/
 */
export function applyMerge(body: JsonObject, context: WriteContext): void {
  for (const [index, item] of objectsOf(listOf(body, 'merge_updates'))) {
    const { identifier_to_merge: merged, identifier_to_keep: kept } = item
    if (!isObject(merged) || !isObject(kept)) continue
    const source = findOne(merged, context)
    const target = findOne(kept, context)
    const position = { input: 'merge', index, user: null }
    if (source === 'ambiguous' || target === 'ambiguous') drop(context, position, 'ambiguous_user')
    else if (source === null || target === null) drop(context, position, 'unknown_user')
    else if (source !== target) join(source, target, context)
  }
}
