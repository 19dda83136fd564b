import type { Json, JsonObject } from '@engage-sync/contract'

/** What an accepted request writes, as plain JSON: it waits in memory and stands in the store. */
export type Work =
  | {
      readonly kind: 'track'
      readonly attributes: readonly Entry[]
      readonly events: readonly Entry[]
      readonly purchases: readonly Entry[]
    }
  | { readonly kind: BodyKind; readonly body: JsonObject }
  | {
      readonly kind: 'cohort'
      readonly id: string
      readonly name: string
      readonly createdAt: string
    }
  | { readonly kind: 'cohort_users'; readonly id: string; readonly changes: readonly Json[] }

/** Kinds of work whose body says it all. */
export type BodyKind =
  | 'alias_new'
  | 'alias_update'
  | 'identify'
  | 'merge'
  | 'delete'
  | 'external_ids_rename'
  | 'external_ids_remove'
  | 'subscriptions'

/** A valid object with its place in the array it was sent in. */
export type Entry = readonly [index: number, object: JsonObject]
