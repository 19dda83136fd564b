import { nameProblem, nestedKeyProblem, RESERVED_PROPERTIES } from '../../mapping/limits.ts'
import type { NormalisedAttribute, PropertyRule } from '../model.ts'
import { nearStandard, reservedReason } from '../standard.ts'
import { mappingsOfSync } from './mappings.ts'
import type { PlacedMapping } from './mappings.ts'
import type { Rule } from './rule.ts'

/** Keys, attribute, event, property and cohort names are what Braze takes. */
export const checkNames: Rule = ({ syncs }) => {
  for (const placed of syncs.flatMap(mappingsOfSync)) {
    checkKey(placed)
    if (placed.mapping.attribute !== null) checkAttribute(placed, placed.mapping.attribute)
    checkEvents(placed)
    if ('cohort' in placed.mapping) checkCohort(placed)
  }
  for (const { document, sync } of syncs) {
    for (const { attribute, range } of sync.retire) {
      const problem = nameProblem(attribute.trim())
      if (problem !== null) document.report('ATTRIBUTE_NAME_INVALID', range, { message: problem })
    }
  }
}

function checkKey({ document, key, mapping, path }: PlacedMapping): void {
  const parts = 'source' in mapping ? [mapping.source.name, ...mapping.source.path] : [key]
  if (parts.every((part) => part.trim() !== '')) return
  document.report('KEY_INVALID', document.rangeOf(path, 'key'), {
    message: key.trim() === '' ? 'a key cannot be blank' : `"${key}" has an empty part between its dots`,
    hint: 'A dot is a path into an object; write `\\.` for a dot that belongs to the name.',
  })
}

function checkAttribute({ document, written, path }: PlacedMapping, attribute: NormalisedAttribute): void {
  const { name, range } = attribute
  const reserved = reservedReason(name)
  if (reserved !== null) {
    return document.report('ATTRIBUTE_RESERVED', range, { message: `"${name}" cannot be written as an attribute`, hint: reserved })
  }
  const problem = nameProblem(name) ?? attribute.path.map(nestedKeyProblem).find((found) => found !== null) ?? null
  if (problem !== null) return document.report('ATTRIBUTE_NAME_INVALID', range, { message: problem })
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
  const text = textOf(written.attribute) ?? document.text.slice(0, 0)
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
  const names = 'name' in event ? [[event.name, event.range] as const] : membershipNames(document, event, path)
  for (const [name, range] of names) {
    const problem = nameProblem(name.trim())
    if (problem !== null) document.report('EVENT_NAME_INVALID', range, { message: problem })
  }
  checkProperties(document, event.properties, path)
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

function checkProperties(document: PlacedMapping['document'], properties: PropertyRule, path: PlacedMapping['path']): void {
  const seen = new Set<string>()
  for (const [from, to] of properties ?? []) {
    const index = [...(properties ?? new Map()).keys()].indexOf(from)
    const place = document.rangeOf([...path, 'event', 'properties', from]).line > 0 ? [...path, 'event', 'properties', from] : path
    const problem = RESERVED_PROPERTIES.has(to)
      ? `Braze keeps "${to}" for itself`
      : seen.has(to)
        ? `"${to}" stands here twice`
        : nameProblem(to)
    seen.add(to)
    if (problem === null) continue
    const range = document.hasPath(place) ? document.rangeOf(place) : document.rangeOf([...path, 'event', 'properties', index])
    document.report('EVENT_PROPERTY_INVALID', range, { message: problem, hint: 'Rename it: `properties: { time: happened_at }`.' })
  }
}

function checkCohort({ document, mapping }: PlacedMapping): void {
  const cohort = 'cohort' in mapping ? mapping.cohort : null
  if (cohort === null) return
  const problem = nameProblem(cohort.name)
  if (problem !== null) document.report('COHORT_NAME_INVALID', cohort.range, { message: problem })
}
