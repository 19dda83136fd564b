import type { Json, JsonObject } from '@engage-sync/contract'
import type { Rules, Settings } from '../options/index.ts'
import type { DropReason } from './drops.ts'
import type { Points } from './ledger.ts'
import type { Workspace } from './workspace.ts'

/** What the write of one request needs to know. */
export interface WriteContext {
  readonly workspace: Workspace
  readonly settings: Settings
  readonly rules: Rules
  /** Number of the request. */
  readonly request: number
  /** When it was received; milliseconds since the epoch. */
  readonly at: number
  /** Collects what the request costs. */
  readonly points: Points
}

/** Where in a request an object is. */
export interface ObjectPosition {
  readonly input: string
  readonly index: number
  /** How the object names its user. */
  readonly user: string | null
}

/** The position of an object of a track request. */
export function positionOf(object: JsonObject, input: string, index: number): ObjectPosition {
  const id: Json | undefined = object.external_id ?? object.braze_id ?? object.email ?? object.phone
  const alias = object.user_alias as { alias_label?: Json; alias_name?: Json } | undefined
  const user =
    id !== undefined && id !== null
      ? String(id)
      : alias
        ? `${String(alias.alias_label)}:${String(alias.alias_name)}`
        : null
  return { input, index, user }
}

/**
 * Writes to the drop log that something was accepted and not stored.
 *
 * @param position - with the name of the attribute, event or cohort, where it is not the whole object
 */
export function drop(
  context: WriteContext,
  position: ObjectPosition & { readonly name?: string },
  reason: DropReason,
): void {
  if (!context.rules.dropLog) return
  context.workspace.drops.add(
    { request: context.request, reason, name: null, ...position },
    context.settings.keepDrops,
  )
}
