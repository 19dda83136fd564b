import { isStandardAttribute } from '../../braze/attribute-names.ts'
import type {
  NormalisedAttribute,
  NormalisedEvent,
  NormalisedMembershipEvent,
  PropertyRule,
} from '../../model/mapping.ts'
import type { ConfigPath } from '../../model/source-range.ts'
import { splitDottedName } from '../../names/dotted-name.ts'
import type { AudienceConfig, PropertiesConfig, TraitConfig } from '../../schema/mapping.ts'
import type { Ranges } from './reader.ts'

type LongTrait = Exclude<TraitConfig, string>
type LongAudience = Exclude<AudienceConfig, string>
type AttributeConfig = LongAudience['attribute'] | LongTrait['attribute']

/** Brings an attribute into its long form. @param path - where it stands, short or long */
export function normaliseAttribute(
  config: AttributeConfig,
  path: ConfigPath,
  ranges: Ranges,
): NormalisedAttribute | null {
  if (config === undefined) return null
  const long: { readonly name: string; readonly element?: string } =
    typeof config === 'string' ? { name: config } : config
  const { name, path: members } = splitDottedName(long.name.trim())
  return {
    name: name.trim(),
    path: members,
    standard: isStandardAttribute(name.trim()),
    element: long.element ?? null,
    range: ranges.rangeOf(typeof config === 'string' ? path : [...path, 'name']),
  }
}

/** Brings the event of a trait into its long form. */
export function normaliseEvent(
  config: LongTrait['event'],
  path: ConfigPath,
  ranges: Ranges,
): NormalisedEvent | null {
  if (config === undefined) return null
  if (typeof config === 'string')
    return { name: config, properties: null, range: ranges.rangeOf(path) }
  return {
    name: config.name,
    properties: normaliseProperties(config.properties),
    range: ranges.rangeOf([...path, 'name']),
  }
}

/** Brings the events of a membership into their long form. */
export function normaliseMembershipEvent(
  config: LongAudience['event'],
  path: ConfigPath,
  ranges: Ranges,
): NormalisedMembershipEvent | null {
  if (config === undefined) return null
  return {
    entered: config.entered ?? null,
    exited: config.exited ?? null,
    properties: normaliseProperties(config.properties),
    range: ranges.rangeOf(path),
  }
}

function normaliseProperties(config: PropertiesConfig | undefined): PropertyRule {
  if (config === undefined) return null
  return Array.isArray(config)
    ? new Map(config.map((name: string) => [name, name]))
    : new Map(Object.entries(config as Record<string, string>))
}
