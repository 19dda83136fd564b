import type { NormalisedAttribute } from '../../model/mapping.ts'
import { foldName } from '../../names/fold-name.ts'
import { isSameAttribute, overlaps } from '../../names/overlap.ts'
import { enabledMappings, fullName, whereIs } from './mappings.ts'
import type { PlacedMapping } from './mappings.ts'
import type { Rule } from './rule.ts'

interface Writer {
  readonly placed: PlacedMapping
  readonly attribute: NormalisedAttribute
}

/** No two mappings write the same attribute, unless each writes an element of its own. */
export const checkAttributeWriters: Rule = (context) => {
  const byRoot = new Map<string, Writer[]>()
  for (const writer of writersOf(enabledMappings(context))) {
    const root = byRoot.get(writer.attribute.name) ?? []
    const other = root.find((before) => collides(before.attribute, writer.attribute))
    if (other !== undefined) reportTwice(writer, other)
    byRoot.set(writer.attribute.name, [...root, writer])
  }
}

function writersOf(mappings: readonly PlacedMapping[]): readonly Writer[] {
  return mappings.flatMap((placed) => {
    const { attribute, send } = placed.mapping
    return attribute === null || !send ? [] : [{ placed, attribute }]
  })
}

function collides(a: NormalisedAttribute, b: NormalisedAttribute): boolean {
  if (a.element !== null && b.element !== null && isSameAttribute(a, b))
    return a.element === b.element
  return overlaps(a, b)
}

function reportTwice({ placed, attribute }: Writer, other: Writer): void {
  const { document } = placed
  const place = whereIs(other.placed, document)
  const name = fullName(attribute)
  if (!isSameAttribute(attribute, other.attribute)) {
    const isInside = attribute.path.length > other.attribute.path.length
    const relation = isInside ? 'is a member of' : 'holds'
    return document.report('ATTRIBUTE_OVERLAP', attribute.range, {
      message: `"${name}" ${relation} "${fullName(other.attribute)}", which ${place} writes`,
      hint: 'Write the whole object, or its members one by one, not both.',
    })
  }
  const isElement = attribute.element !== null || other.attribute.element !== null
  document.report('ATTRIBUTE_TWICE', attribute.range, {
    message: isElement
      ? elementMessage(attribute, other.attribute, place)
      : `${place} writes the attribute "${name}", too`,
    hint: isElement
      ? 'Give every audience of a shared array an `element` of its own.'
      : 'Give one of them another name. Audiences can share an array: `attribute: { name: …, element: … }`.',
  })
}

function elementMessage(
  own: NormalisedAttribute,
  other: NormalisedAttribute,
  place: string,
): string {
  const name = fullName(own)
  if (own.element === other.element)
    return `${place} adds the element "${own.element}" to "${name}", too`
  return own.element === null
    ? `this replaces the whole of "${name}", and ${place} adds an element to it`
    : `this adds an element to "${name}", and ${place} replaces the whole of it`
}

/** Attribute names that differ by case or spaces only are most likely meant to be one. */
export const checkAlikeAttributes: Rule = (context) => {
  const seen = new Map<string, Writer>()
  for (const writer of writersOf(enabledMappings(context))) {
    const name = fullName(writer.attribute)
    const folded = foldName(name)
    const before = seen.get(folded)
    if (before === undefined) seen.set(folded, writer)
    else if (fullName(before.attribute) !== name) {
      writer.placed.document.report('ATTRIBUTE_ALIKE', writer.attribute.range, {
        message: `"${name}" differs from "${fullName(before.attribute)}" by case or spaces only; that is ${whereIs(before.placed, writer.placed.document)}`,
        hint: 'Braze keeps them apart: choose names that people can tell apart, too.',
      })
    }
  }
}
