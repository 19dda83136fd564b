import type { Json, JsonObject } from '@engage-sync/contract'
import type { Directory, WriteContext } from '../model/index.ts'
import type { Rules } from '../options/index.ts'
import { isObject, isText, listOf } from '../values/index.ts'

/**
 * What of a request can be done, and what is wrong with the rest: `[index, text]` each. The texts
 * are ours.
 */
export interface IdVerdict<T> {
  readonly accepted: readonly T[]
  readonly errors: readonly (readonly [index: number, text: string])[]
}

/** A new primary id for a user; the current one stays as a deprecated one. */
export interface Rename {
  readonly current: string
  readonly next: string
}

/**
 * Which renames of a request can be done.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/external_id_migration/post_external_ids_rename/
 */
export function judgeRenames(
  renames: readonly Json[],
  directory: Directory,
  rules: Rules,
): IdVerdict<Rename> {
  return judge(renames, (item) => {
    const { current_external_id: current, new_external_id: next } = isObject(item) ? item : {}
    if (!isText(current)) return "'current_external_id' is required"
    if (!isText(next)) return "'new_external_id' is required"
    if (!rules.renameChecks) return { current, next }
    if (directory.byExternalId(current)?.externalId !== current)
      return "'current_external_id' is not a primary external id"
    return directory.byExternalId(next) === undefined
      ? { current, next }
      : "'new_external_id' is in use"
  })
}

/**
 * Which ids of a request can be removed: deprecated ones alone.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/external_id_migration/post_external_ids_remove/
 */
export function judgeRemovals(
  ids: readonly Json[],
  directory: Directory,
  rules: Rules,
): IdVerdict<string> {
  return judge(ids, (id) => {
    if (!isText(id)) return 'an external id must be a string'
    const user = directory.byExternalId(id)
    if (user === undefined) return 'no user has this external id'
    return rules.removeDeprecated && user.externalId === id
      ? 'a primary external id cannot be removed'
      : id
  })
}

/** Renames external ids. */
export function applyRename(
  body: JsonObject,
  { workspace: { directory }, rules }: WriteContext,
): void {
  for (const item of listOf(body, 'external_id_renames')) {
    const [rename] = judgeRenames([item], directory, rules).accepted
    const user = rename === undefined ? undefined : directory.byExternalId(rename.current)
    if (rename === undefined || user === undefined) continue
    if (rules.renameDeprecates) directory.deprecateExternalId(user, rename.next)
    else directory.setExternalId(user, rename.next)
  }
}

/** Removes deprecated external ids. */
export function applyRemove(
  body: JsonObject,
  { workspace: { directory }, rules }: WriteContext,
): void {
  for (const id of judgeRemovals(listOf(body, 'external_ids'), directory, rules).accepted)
    directory.dropExternalId(id)
}

function judge<T extends Rename | string>(
  items: readonly Json[],
  read: (item: Json) => T | string,
): IdVerdict<T> {
  const accepted: T[] = []
  const errors: [number, string][] = []
  items.forEach((item, index) => {
    const verdict = read(item)
    if (typeof verdict === 'object' || verdict === item) accepted.push(verdict as T)
    else errors.push([index, verdict])
  })
  return { accepted, errors }
}
