import { isJsonObject } from '@engage-sync/core'
import type { Json } from '@engage-sync/core'

/** What the state remembers of a mapping's outputs, for when the configuration names it no more. */
export interface MappingAbout {
  /** Its path in Braze, dotted. */
  readonly attribute: string | null
  readonly events: readonly string[]
  readonly cohort: string | null
}

/** As JSON. */
export function encodeAbout({ attribute, events, cohort }: MappingAbout): Json {
  return { attribute, events, cohort }
}

/** What is not there, as in records of older versions, counts as none. */
export function decodeAbout(about: Json): MappingAbout {
  const { attribute, events, cohort } = isJsonObject(about) ? about : {}
  return {
    attribute: textOrNull(attribute),
    events: Array.isArray(events) ? events.filter((name) => typeof name === 'string') : [],
    cohort: textOrNull(cohort),
  }
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}
