import type { Json } from '@engage-sync/contract'
import { checkPropertyLimits } from '../braze/limits.ts'
import type { NormalisedEvent, NormalisedMembershipEvent, PropertyRule } from '../model/mapping.ts'
import { castTo } from '../values/cast.ts'
import type { Cast } from '../values/cast.ts'
import type { EventEncoding } from './encoding.ts'
import { slotId } from '../names/mapping-id.ts'

/** The names Engage gives its events unless they are changed there. */
export const DEFAULT_EVENT_NAMES = {
  computed: 'Trait Computed',
  entered: 'Audience Entered',
  exited: 'Audience Exited',
} as const

/**
 * Encode a trait as a custom event: one name for every value but null, properties as Segment sends
 * them.
 *
 * @param place - the mapping's id, and the trait's key, which is the property's name, too
 */
export function traitEvent(
  place: { readonly id: string; readonly key: string },
  event: NormalisedEvent,
  cast: Cast,
): EventEncoding {
  const { id, key } = place
  const name = event.name.trim()
  return {
    kind: 'event',
    slotId: slotId(id, 'event'),
    nameFor: (value) => (value === null ? null : name),
    names: [name],
    propertiesFor: propertiesBy(event.properties, 'trait_key', key),
    encode: propertyEncode(cast),
  }
}

/** Encode entering and leaving an audience or segment as custom events. */
export function membershipEvent(
  id: string,
  key: string,
  event: NormalisedMembershipEvent,
): EventEncoding {
  const entered = event.entered?.trim() ?? null
  const exited = event.exited?.trim() ?? null
  return {
    kind: 'event',
    slotId: slotId(id, 'event'),
    nameFor: (value) => (value === true ? entered : value === false ? exited : null),
    names: [entered, exited].filter((name) => name !== null),
    propertiesFor: propertiesBy(event.properties, 'audience_key', key),
    encode: castTo('boolean'),
  }
}

/** The cast, then the limits that properties share with attributes: 255 characters, 100 KB. */
function propertyEncode(cast: Cast): Cast {
  return (value) => {
    const result = cast(value)
    return result.ok ? checkPropertyLimits(result.value) : result
  }
}

function propertiesBy(
  rule: PropertyRule,
  keyProperty: 'trait_key' | 'audience_key',
  key: string,
): EventEncoding['propertiesFor'] {
  if (rule === null)
    return (value) =>
      Object.fromEntries<Json>([
        [keyProperty, key],
        [key, value],
      ])
  const renamed = [...rule]
  return (value) => {
    const all = new Map<string, Json>([
      [keyProperty, key],
      [key, value],
    ])
    return Object.fromEntries<Json>(
      renamed.flatMap(([from, to]): readonly (readonly [string, Json])[] => {
        const sent = all.get(from)
        return sent === undefined ? [] : [[to, sent]]
      }),
    )
  }
}
