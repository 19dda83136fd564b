import type { JsonObject } from '@engage-sync/core'
import { drop } from '../applying.ts'
import type { Applying, Place } from '../applying.ts'
import { setCustom } from '../attributes/custom.ts'
import { isStandard, setStandard } from '../attributes/standard.ts'
import { isName } from './names.ts'
import { resolveUser } from './identity.ts'

/** Members of an attributes object that are no attributes. */
const OPTIONS = new Set([
  'external_id',
  'user_alias',
  'braze_id',
  'alias_name',
  'alias_label',
  '_update_existing_only',
  '_merge_objects',
  'push_token_import',
  'email_subscription_info',
])

/** Writes an attributes object of a track request. */
export function applyAttributes(object: JsonObject, place: Place, applying: Applying): void {
  const { rules, settings, workspace } = applying
  const user = resolveUser(object, place, applying)
  if (user === null) return
  workspace.written.attributes += 1
  const merge = object._merge_objects === true
  for (const key of Object.keys(object)) {
    const trimmed = rules.trimNames ? key.trim() : key
    const name = rules.caseSensitiveNames ? trimmed : trimmed.toLowerCase()
    if (OPTIONS.has(name)) continue
    if (rules.names && !isName(name)) drop(applying, place, 'invalid_name', name)
    else if (rules.blocklist && settings.blockedAttributes.includes(name)) drop(applying, place, 'blocked_name', name)
    else if (rules.standardNames && isStandard(name)) setStandard(user, { name, value: object[key] }, place, applying)
    else setCustom(user, { name, value: object[key], merge }, place, applying)
  }
}
