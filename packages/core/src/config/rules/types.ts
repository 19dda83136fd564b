import { standardType } from '../../braze/attribute-names.ts'
import type { NormalisedAttribute, NormalisedTrait } from '../../model/mapping.ts'
import { joinDottedName } from '../../names/dotted-name.ts'
import type { ValueType } from '../../values/value-type.ts'
import { enabledMappings, mappingsOfSync, whereIs } from './mappings.ts'
import type { PlacedMapping } from './mappings.ts'
import type { Rule } from './rule.ts'

/** What a standard attribute holds, the mapping sends. */
export const checkStandardTypes: Rule = ({ syncs }) => {
  for (const placed of syncs.flatMap(mappingsOfSync)) {
    const { attribute } = placed.mapping
    const standard =
      attribute?.standard === true && attribute.path.length === 0
        ? standardType(attribute.name)
        : null
    if (attribute === null || standard === null) continue
    if (attribute.element !== null) reportElement(placed, attribute)
    else if (placed.section === 'audiences' || placed.section === 'segments')
      checkMembership(placed, attribute, standard)
    else checkDeclared(placed, attribute, standard)
  }
}

function reportElement({ document, path }: PlacedMapping, { name }: NormalisedAttribute): void {
  document.report('ATTRIBUTE_ELEMENT', document.rangeOf([...path, 'attribute', 'element'], 'key'), {
    message: `the standard attribute "${name}" cannot be an array that audiences share`,
    hint:
      name === 'subscription_groups'
        ? 'Write `subscription_group: <id>` instead of `attribute`.'
        : 'Choose a custom attribute, e.g. `attribute: { name: segments, element: vip }`.',
  })
}

function checkMembership(
  { document, section }: PlacedMapping,
  { name, range }: NormalisedAttribute,
  standard: ValueType,
): void {
  if (standard === 'boolean') return
  document.report('ATTRIBUTE_TYPE', range, {
    message: `${section === 'audiences' ? 'an audience' : 'a segment'} is true or false, the standard attribute "${name}" is of type ${standard}`,
    hint: 'Choose a custom attribute.',
  })
}

function checkDeclared(
  { document, path, mapping }: PlacedMapping,
  { name }: NormalisedAttribute,
  standard: ValueType,
): void {
  const { type, typeFrom } = mapping as NormalisedTrait
  if (typeFrom !== 'declared' || type === standard) return
  document.report('ATTRIBUTE_TYPE', document.rangeOf([...path, 'type']), {
    message: `the standard attribute "${name}" is of type ${standard}, not ${type}`,
    hint: 'Leave `type` out: it is known.',
  })
}

/**
 * A member of an object is no array that audiences share: Braze adds and removes at the top only.
 */
export const checkElements: Rule = ({ syncs }) => {
  for (const { document, mapping, path } of syncs.flatMap(mappingsOfSync)) {
    const { attribute } = mapping
    if (attribute === null || attribute.element === null || attribute.path.length === 0) continue
    document.report('ATTRIBUTE_ELEMENT', attribute.range, {
      message: 'Braze adds elements to attributes, not to members of an object',
      hint: `Write a name without a dot: \`${path.at(-1)}\`, or \`\\.\` for a dot that belongs to the name.`,
    })
  }
}

/** The same trait has one type in all syncs that declare it; `integer` and `number` agree. */
export const checkTraitTypes: Rule = (context) => {
  const seen = new Map<string, { readonly placed: PlacedMapping; readonly type: ValueType }>()
  for (const placed of enabledMappings(context)) {
    if (placed.section !== 'traits') continue
    const { source, type, typeFrom } = placed.mapping as NormalisedTrait
    if (typeFrom !== 'declared' || type === null) continue
    const key = joinDottedName(source)
    const before = seen.get(key)
    if (before === undefined) seen.set(key, { placed, type })
    else if (family(before.type) !== family(type)) {
      const { document, path } = placed
      document.report('ATTRIBUTE_TYPE', document.rangeOf([...path, 'type']), {
        message: `"${placed.key}" is declared ${type} here, and ${before.type} at ${whereIs(before.placed, document)}`,
        hint: 'A trait has one type. Declare the one that Segment computes.',
      })
    }
  }
}

const family = (type: ValueType) => (type === 'integer' ? 'number' : type)

/** Keys that are written differently but mean the same trait. */
export const checkSameKeys: Rule = ({ syncs }) => {
  for (const loaded of syncs) {
    const seen = new Map<string, PlacedMapping>()
    for (const placed of mappingsOfSync(loaded)) {
      const { section, mapping, document, key, path } = placed
      const meant = `${section} ${'source' in mapping ? joinDottedName(mapping.source) : literal(key)}`
      const before = seen.get(meant)
      if (before === undefined) seen.set(meant, placed)
      else {
        document.report('KEY_TWICE', document.rangeOf(path, 'key'), {
          message: `"${key}" is the same key as "${before.key}", ${whereIs(before, document)}`,
          hint: 'Keep one of them; `\\.` is a literal dot.',
        })
      }
    }
  }
}

/** Audiences and segments have no paths: a dot and an escaped dot are the same. */
function literal(key: string): string {
  return key.replaceAll('\\.', '.').replaceAll('\\\\', '\\')
}
