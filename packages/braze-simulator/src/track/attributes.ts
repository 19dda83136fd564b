import type { JsonObject } from '@engage-sync/contract'
import { isStandard, setCustom, setStandard } from '../attributes/index.ts'
import { resolveUser } from '../identity/index.ts'
import { drop } from '../model/index.ts'
import type { ObjectPosition, WriteContext } from '../model/index.ts'
import { isName } from './names.ts'

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
export function applyAttributes(
  object: JsonObject,
  position: ObjectPosition,
  context: WriteContext,
): void {
  const { rules, settings, workspace } = context
  const user = resolveUser(object, position, context)
  if (user === null) return
  workspace.written.attributes += 1
  const merge = object._merge_objects === true
  for (const [key, value] of Object.entries(object)) {
    const trimmed = rules.trimNames ? key.trim() : key
    const name = rules.caseSensitiveNames ? trimmed : trimmed.toLowerCase()
    if (OPTIONS.has(name)) continue
    if (rules.names && !isName(name)) drop(context, { ...position, name }, 'invalid_name')
    else if (rules.blocklist && settings.blockedAttributes.includes(name))
      drop(context, { ...position, name }, 'blocked_name')
    else if (rules.standardNames && isStandard(name))
      setStandard({ user, name, value }, position, context)
    else setCustom({ user, name, value, merge }, position, context)
  }
}
