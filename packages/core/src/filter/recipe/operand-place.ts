import type {
  NormalisedAttribute,
  NormalisedMapping,
  NormalisedTrait,
} from '../../model/mapping.ts'
import { joinDottedName } from '../../names/dotted-name.ts'
import type { LeafOperand } from '../compiled.ts'
import { operandText } from '../condition.ts'
import type { Kitchen } from './kitchen.ts'
import type { RecipePlace } from './recipe-node.ts'

/**
 * Where the value of a trait is found in Braze. Says what stands in the way: a value that is not
 * sent, or not as it is.
 */
export function traitPlace(operand: LeafOperand, kitchen: Kitchen): RecipePlace {
  const { traits } = kitchen.sync
  const own = traits.get(operandText(operand))
  const whole =
    operand.path.length === 0
      ? undefined
      : traits.get(joinDottedName({ name: operand.key, path: [] }))
  const mapping = sentAttribute(own) === null ? whole : own
  const attribute = sentAttribute(mapping)
  if (mapping === undefined || attribute === null)
    return missing('trait', operandText(operand), kitchen)
  tellValues(mapping, kitchen)
  if (mapping === own) return attributePlace(attribute, kitchen)
  kitchen.differ(
    `Braze looks for values of one type inside "${attribute.name}"; here they are cast first.`,
  )
  return {
    kind: 'Nested Custom Attributes',
    name: attribute.name,
    path: [...attribute.path, ...operand.path],
  }
}

/** The attribute of a mapping that is sent, or null. */
export function sentAttribute(mapping: NormalisedMapping | undefined): NormalisedAttribute | null {
  return mapping?.send === true ? mapping.attribute : null
}

/** Where an attribute is found, and what is different about standard ones. */
export function attributePlace(
  { name, path, standard }: NormalisedAttribute,
  kitchen: Kitchen,
): RecipePlace {
  if (standard) {
    kitchen.differ(
      `"${name}" is a default attribute: Braze has a filter of its own for it, with its own name and operators.`,
    )
    return { kind: 'Default attribute', name, path }
  }
  return { kind: path.length === 0 ? 'Custom Attributes' : 'Nested Custom Attributes', name, path }
}

/** The filter somebody would use once the value is sent. */
export function missing(kind: LeafOperand['kind'], key: string, kitchen: Kitchen): RecipePlace {
  kitchen.differ(`The ${kind} "${key}" is not sent as an attribute: give it one first.`)
  return { kind: 'Custom Attributes', name: key, path: [] }
}

/** What Braze holds instead of the values filters see here. */
export function tellBackfill({ key, backfill }: NormalisedMapping, kitchen: Kitchen): void {
  if (!backfill)
    kitchen.differ(`"${key}" has no backfill: Braze lacks what was computed before it was mapped.`)
}

function tellValues(mapping: NormalisedTrait, kitchen: Kitchen): void {
  tellBackfill(mapping, kitchen)
  if (mapping.onNull === 'keep')
    kitchen.differ(
      `"${mapping.key}" keeps its last value in Braze after it was unset (on_null: keep).`,
    )
}
