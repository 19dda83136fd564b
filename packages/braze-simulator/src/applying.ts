import type { Json, JsonObject } from '@engage-sync/core'
import type { DropReason } from './model/drops.ts'
import type { Points } from './model/ledger.ts'
import type { Workspace } from './model/workspace.ts'
import type { Rules } from './rules.ts'
import type { Settings } from './settings.ts'

/** What the write of one request needs to know. */
export interface Applying {
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
export interface Place {
  readonly input: string
  readonly index: number
  /** How the object names its user. */
  readonly user: string | null
}

/** The place of an object of a track request. */
export function placeOf(object: JsonObject, input: string, index: number): Place {
  const id: Json | undefined = object.external_id ?? object.braze_id ?? object.email ?? object.phone
  const alias = object.user_alias as { alias_label?: Json; alias_name?: Json } | undefined
  const user = id !== undefined && id !== null ? String(id) : alias ? `${String(alias.alias_label)}:${String(alias.alias_name)}` : null
  return { input, index, user }
}

/** Writes to the drop log that something was accepted and not stored. */
export function drop(applying: Applying, place: Place, reason: DropReason, name: string | null = null): void {
  if (!applying.rules.dropLog) return
  applying.workspace.drops.add({ request: applying.request, reason, ...place, name }, applying.settings.keepDrops)
}
