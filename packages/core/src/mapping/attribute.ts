import { checkAttributeLimits, checkReplacingLimits } from '../braze/limits.ts'
import { STANDARD_ATTRIBUTES } from '../braze/standard-attributes.ts'
import type { Json } from '../json.ts'
import type {
  NormalisedAttribute,
  NormalisedMembership,
  NormalisedTrait,
} from '../model/mapping.ts'
import { castTo, plainTypesOf } from '../values/cast.ts'
import type { Cast } from '../values/cast.ts'
import { accept } from '../values/encode-result.ts'
import type { EncodeResult } from '../values/encode-result.ts'
import type { AttributeEncoding } from './compiled.ts'
import { slotId } from '../names/mapping-id.ts'

type Plain = AttributeEncoding['plain']
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
    ...placeOf(trait.id, attribute),
    encode: traitEncode(trait, attribute, how.cast),
    plain: how.isTextual ? TEXTUAL : traitPlain(trait, attribute),
    onNull: trait.onNull,
    mode: traitMode(trait),
    element: null,
    idField: trait.idField,
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
  const isElement = attribute.element !== null
  return {
    ...placeOf(membership.id, attribute),
    encode: membershipEncode(isElement ? 'false' : onExit, attribute),
    plain: new Set(isElement || onExit === 'false' ? ['boolean'] : []),
    onNull: 'unset',
    mode: isElement ? 'element' : 'replace',
    element: attribute.element,
    idField: null,
    onExit,
  }
}

function placeOf(
  id: string,
  attribute: NormalisedAttribute,
): Pick<AttributeEncoding, 'slotId' | 'name' | 'path' | 'standard'> {
  const { name, path, standard } = attribute
  return { slotId: slotId(id, 'attribute'), name, path, standard }
}

function traitMode(trait: NormalisedTrait): AttributeEncoding['mode'] {
  if (trait.type === null || trait.type === 'array') {
    if (trait.idField !== null) return 'objects-by-id'
    if (trait.array === 'update') return 'array-update'
  }
  return trait.merge && (trait.type === null || trait.type === 'object')
    ? 'merge-object'
    : 'replace'
}

function traitEncode(
  trait: NormalisedTrait,
  attribute: NormalisedAttribute,
  cast: Cast,
): AttributeEncoding['encode'] {
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
    return attribute.path.length === 0 ? accept : (value) => accept({ $time: value })
  const replaces = attribute.path.length === 0 && traitMode(trait) === 'replace'
  return replaces ? checkReplacingLimits : checkAttributeLimits
}

function traitPlain(trait: NormalisedTrait, attribute: NormalisedAttribute): Plain {
  if (!attribute.standard) return plainTypesOf(trait.type)
  const known = STANDARD_ATTRIBUTES.get(attribute.name)
  return known !== undefined && known.isPlain ? plainTypesOf(known.type) : new Set()
}

const castBoolean = castTo('boolean')

function membershipEncode(
  onExit: 'false' | 'unset',
  attribute: NormalisedAttribute,
): AttributeEncoding['encode'] {
  const known = attribute.standard ? STANDARD_ATTRIBUTES.get(attribute.name) : undefined
  return (value) => {
    const result = castBoolean(value)
    if (!result.ok || result.value === null) return result
    if (result.value === false && onExit === 'unset') return accept(null)
    return known === undefined ? result : known.normalise(result.value)
  }
}
