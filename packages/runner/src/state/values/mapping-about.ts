import { isJsonObject } from '@engage-sync/core'
import type { Json, MappingOptions } from '@engage-sync/core'

/** What the state remembers of a mapping's outputs, for when the configuration names it no more. */
export interface MappingAbout {
  /** Its path in Braze, dotted. */
  readonly attribute: string | null
  readonly events: readonly string[]
  readonly cohort: string | null
  /** What it was set to, for people; null in records of versions that did not keep it. */
  readonly options: MappingOptions | null
}

/** As JSON. */
export function encodeAbout({ attribute, events, cohort, options }: MappingAbout): Json {
  return { attribute, events, cohort, ...(options !== null && { options }) }
}

/** What is not there, as in records of older versions, counts as none. */
export function decodeAbout(about: Json): MappingAbout {
  const { attribute, events, cohort, options } = isJsonObject(about) ? about : {}
  return {
    attribute: textOrNull(attribute),
    events: Array.isArray(events) ? events.filter((name) => typeof name === 'string') : [],
    cohort: textOrNull(cohort),
    options: isJsonObject(options) ? options : null,
  }
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}
