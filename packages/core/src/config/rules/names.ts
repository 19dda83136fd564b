import { nearStandard, reservedReason } from '../../braze/attribute-names.ts'
import {
  MAX_STRING_CHARACTERS,
  nameProblem,
  nestedKeyProblem,
  RESERVED_PROPERTIES,
} from '../../braze/limits.ts'
import type { NormalisedAttribute } from '../../model/mapping.ts'
import type { PropertiesConfig } from '../../schema/mapping.ts'
import type { Finding } from '../document/document.ts'
import { flowYaml } from '../shape/words.ts'
import { fullName, mappingsOfSync } from './mappings.ts'
import type { PlacedMapping } from './mappings.ts'
import type { Rule } from './rule.ts'

const NAME_HINT = `Names have 1 to ${MAX_STRING_CHARACTERS} characters and no \`$\` in front.`
const NESTED_HINT = `Names inside an object have 1 to ${MAX_STRING_CHARACTERS} characters, without spaces, dots and \`$\`.`

/** Keys, attribute, event, property and cohort names are what Braze takes. */
export const checkNames: Rule = ({ syncs }) => {
  for (const placed of syncs.flatMap(mappingsOfSync)) {
    checkKey(placed)
    if (placed.mapping.attribute !== null) checkAttribute(placed, placed.mapping.attribute)
    checkEvents(placed)
    checkProperties(placed)
    if ('cohort' in placed.mapping) checkCohort(placed)
  }
}

function checkKey({ document, key, mapping, path }: PlacedMapping): void {
  const parts = 'source' in mapping ? [mapping.source.name, ...mapping.source.path] : [key]
  if (parts.every((part) => part.trim() !== '')) return
  document.report('KEY_INVALID', document.rangeOf(path, 'key'), {
    message:
      key.trim() === '' ? 'a key cannot be blank' : `"${key}" has an empty part between its dots`,
    hint: 'A dot is a path into an object; write `\\.` for a dot that belongs to the name.',
  })
}

function checkAttribute(
  { document, written, path }: PlacedMapping,
  attribute: NormalisedAttribute,
): void {
  const { name, range } = attribute
  const reserved = reservedReason(name)
  if (reserved !== null) {
    return document.report('ATTRIBUTE_RESERVED', range, {
      message: `"${name}" cannot be written as an attribute`,
      hint: reserved,
    })
  }
  const problem = nameProblem(name)
  if (problem !== null)
    return document.report('ATTRIBUTE_NAME_INVALID', range, { message: problem, hint: NAME_HINT })
  const nested = attribute.path.map(nestedKeyProblem).find((found) => found !== null) ?? null
  if (nested !== null)
    return document.report('ATTRIBUTE_NAME_INVALID', range, { message: nested, hint: NESTED_HINT })
  const near = nearStandard(name)
  if (near !== null) {
    return document.report('ATTRIBUTE_NEAR_STANDARD', range, {
      message: `"${name}" would become a custom attribute beside the standard "${near}"`,
      hint: `Write \`${near}\`, or a name that cannot be taken for it.`,
    })
  }
  if (attribute.standard && attribute.path.length > 0) {
    return document.report('ATTRIBUTE_STANDARD_PATH', range, {
      message: `the standard attribute "${name}" cannot be written member by member`,
      hint: `Write the whole: \`${name}\`.`,
    })
  }
  const text = textOf(written.attribute) ?? ''
  if (text !== text.trim()) {
    document.report('ATTRIBUTE_NAME_SPACES', document.rangeOf([...path, 'attribute']), {
      message: `Braze cuts the spaces around "${name}"`,
      hint: 'Write it without.',
    })
  }
}

function textOf(attribute: unknown): string | undefined {
  if (typeof attribute === 'string') return attribute
  return (attribute as { name?: string } | undefined)?.name
}

function checkEvents({ document, mapping, path }: PlacedMapping): void {
  const { event } = mapping
  if (event === null) return
  const names =
    'name' in event ? [[event.name, event.range] as const] : membershipNames(document, event, path)
  for (const [name, range] of names) {
    const problem = nameProblem(name.trim())
    if (problem !== null)
      document.report('EVENT_NAME_INVALID', range, { message: problem, hint: NAME_HINT })
  }
}

function membershipNames(
  document: PlacedMapping['document'],
  event: { readonly entered: string | null; readonly exited: string | null },
  path: PlacedMapping['path'],
) {
  return (['entered', 'exited'] as const).flatMap((side) => {
    const name = event[side]
    return name === null ? [] : [[name, document.rangeOf([...path, 'event', side])] as const]
  })
}

/** Properties as written: a list of names, or names with what they are called in Braze. */
function checkProperties(placed: PlacedMapping): void {
  const { document, path, written, mapping, section, key } = placed
  const properties = (written.event as { properties?: PropertiesConfig } | undefined)?.properties
  if (properties === undefined) return checkOwnProperty(placed)
  const place = [...path, 'event', 'properties']
  const entries = Array.isArray(properties)
    ? properties.map((name: string, index) => ({ at: [...place, index], from: name, to: name }))
    : Object.entries(properties as Record<string, string>).map(([from, to]) => ({
        at: [...place, from],
        from,
        to,
      }))
  const sent = [
    section === 'traits' || section === 'enrichment' ? 'trait_key' : 'audience_key',
    'source' in mapping ? fullName(mapping.source) : key,
  ]
  const taken = new Set<string>()
  for (const { at, from, to } of entries) {
    const problem = propertyProblem(to, taken)
    taken.add(to)
    if (problem !== null) document.report('EVENT_PROPERTY_INVALID', document.rangeOf(at), problem)
    else if (!sent.includes(from)) {
      document.report('OPTION_UNUSED', document.rangeOf(at, 'key'), {
        message: `this event has no property "${from}"`,
        hint: `Its properties are ${sent.map((name) => `"${name}"`).join(' and ')}.`,
      })
    }
  }
}

/**
 * Unless properties are written out, the value travels as a property that is named like the trait
 * or audience.
 */
function checkOwnProperty({ document, path, mapping, key }: PlacedMapping): void {
  if (mapping.event === null) return
  const name = 'source' in mapping ? fullName(mapping.source) : key
  const problem = propertyProblem(name, new Set())
  if (problem === null) return
  document.report('EVENT_PROPERTY_INVALID', document.rangeOf(path, 'key'), {
    message: `the event would have a property "${name}": ${problem.message}`,
    hint: `Give the property another name: \`event: { …, properties: { ${flowYaml(name)}: NAME } }\`.`,
  })
}

function propertyProblem(name: string, taken: ReadonlySet<string>): Finding | null {
  if (RESERVED_PROPERTIES.has(name)) {
    return {
      message: `Braze keeps "${name}" for itself`,
      hint: 'Give it another name: `properties: { lifetime_value: ltv }`.',
    }
  }
  if (taken.has(name))
    return { message: `"${name}" stands here twice`, hint: 'Keep one of them, or rename one.' }
  const problem = nameProblem(name)
  return problem === null ? null : { message: problem, hint: NAME_HINT }
}

function checkCohort({ document, mapping }: PlacedMapping): void {
  const cohort = 'cohort' in mapping ? mapping.cohort : null
  if (cohort === null) return
  const problem = nameProblem(cohort.name)
  if (problem !== null)
    document.report('COHORT_NAME_INVALID', cohort.range, { message: problem, hint: NAME_HINT })
}
