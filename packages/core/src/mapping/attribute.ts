import type { Json } from '@engage-sync/contract'
import { attributePlace, nestedTime } from '../braze/attribute.ts'
import type { AttributePlace, AttributeWrite } from '../braze/attribute.ts'
import { checkAttributeLimits, checkReplacingLimits } from '../braze/limits.ts'
import { STANDARD_ATTRIBUTES } from '../braze/standard-attributes.ts'
import type {
  NormalisedAttribute,
  NormalisedMembership,
  NormalisedTrait,
} from '../model/mapping.ts'
import { castTo, plainTypesOf } from '../values/cast.ts'
import type { Cast } from '../values/cast.ts'
import { accept } from '../values/encode-result.ts'
import type { EncodeResult } from '../values/encode-result.ts'
import { attributeSlotId, slotId } from '../names/mapping-id.ts'
import type { AttributeEncoding, AttributeRules } from './encoding.ts'

type Plain = AttributeRules['plain']
type Encode = AttributeRules['encode']
const TEXTUAL: Plain = new Set(['string', 'array'])

/**
 * Encode a trait as an attribute: cast, normalised, within Braze's limits.
 *
 * @param how - the cast filters share, and whether it makes text of everything but arrays
 */
export function traitAttribute(
  trait: NormalisedTrait,
  attribute: NormalisedAttribute,
  how: { readonly cast: Cast; readonly isTextual: boolean },
): AttributeEncoding {
  return {
    ...placeOf(attribute),
    ...traitWrite(trait),
    slotId: slotIdOf(trait.id, attribute),
    encode: traitEncode(trait, attribute, how.cast),
    plain: how.isTextual ? TEXTUAL : traitPlain(trait, attribute),
    onNull: trait.onNull,
    onExit: 'unset',
  }
}

/**
 * Encode belonging to an audience or segment as an attribute: true or false, or one element of a
 * shared array.
 */
export function membershipAttribute(
  membership: NormalisedMembership,
  attribute: NormalisedAttribute,
): AttributeEncoding {
  const { onExit } = membership
  const write = membershipWrite(attribute)
  const isElement = write.mode === 'element'
  return {
    ...placeOf(attribute),
    ...write,
    slotId: slotIdOf(membership.id, attribute),
    encode: membershipEncode(isElement ? 'false' : onExit, attribute),
    plain: new Set(isElement || onExit === 'false' ? ['boolean'] : []),
    onNull: 'unset',
    onExit,
  }
}

function placeOf({ name, path, standard }: NormalisedAttribute): AttributePlace {
  return attributePlace(name, { path, standard })
}

/**
 * A column per attribute name: what was delivered under another name says nothing about this one.
 */
function slotIdOf(id: string, { name, path, element }: NormalisedAttribute): string {
  return attributeSlotId(slotId(id, 'attribute'), { name: [name, ...path].join('.'), element })
}

function traitWrite({ type, idField, array, merge }: NormalisedTrait): AttributeWrite {
  if (type === null || type === 'array') {
    if (idField !== null) return { mode: 'objects-by-id', element: null, idField }
    if (array === 'update') return { mode: 'array-update', element: null, idField: null }
  }
  const merges = merge && (type === null || type === 'object')
  return { mode: merges ? 'merge-object' : 'replace', element: null, idField: null }
}

function membershipWrite({ element }: NormalisedAttribute): AttributeWrite {
  return element === null
    ? { mode: 'replace', element, idField: null }
    : { mode: 'element', element, idField: null }
}

function traitEncode(trait: NormalisedTrait, attribute: NormalisedAttribute, cast: Cast): Encode {
  const finish = finishFor(trait, attribute)
  return (value) => {
    if (value === null) return accept(null)
    const result = cast(value)
    return result.ok && result.value !== null ? finish(result.value) : result
  }
}

/**
 * The last step: the normaliser of a standard attribute, else Braze's limits; nested times are
 * `{"$time": …}`.
 */
function finishFor(
  trait: NormalisedTrait,
  attribute: NormalisedAttribute,
): (value: Json) => EncodeResult {
  const known = attribute.standard ? STANDARD_ATTRIBUTES.get(attribute.name) : undefined
  if (known !== undefined) return known.normalise
  if (trait.type === 'time')
    return attribute.path.length === 0 ? accept : (value) => accept(nestedTime(value))
  const replaces = attribute.path.length === 0 && traitWrite(trait).mode === 'replace'
  return replaces ? checkReplacingLimits : checkAttributeLimits
}

function traitPlain(trait: NormalisedTrait, attribute: NormalisedAttribute): Plain {
  if (!attribute.standard) return plainTypesOf(trait.type)
  const known = STANDARD_ATTRIBUTES.get(attribute.name)
  return known !== undefined && known.isPlain ? plainTypesOf(known.type) : new Set()
}

const castBoolean = castTo('boolean')

function membershipEncode(onExit: 'false' | 'unset', attribute: NormalisedAttribute): Encode {
  const known = attribute.standard ? STANDARD_ATTRIBUTES.get(attribute.name) : undefined
  return (value) => {
    const result = castBoolean(value)
    if (!result.ok || result.value === null) return result
    if (result.value === false && onExit === 'unset') return accept(null)
    return known === undefined ? result : known.normalise(result.value)
  }
}
