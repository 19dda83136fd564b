/** Quick signs of an operation; most attributes hold none and are not parsed. */
const SIGNS = ['"inc"', '"add"', '"$add"']

/**
 * Whether attributes carry an operation that does something again when it is repeated: an
 * increment, or an addition to an array.
 *
 * Shape: the members of an attributes object as JSON text in (`"visits":{"inc":1}`). Pure.
 *
 * @see https://www.braze.com/docs/api/objects_filters/user_attributes_object/
 */
export function carriesOperation(members: string): boolean {
  if (!members.includes('{') || !SIGNS.some((sign) => members.includes(sign))) return false
  return hasOperation(JSON.parse(`{${members}}`) as object)
}

/** The same of an attributes object. */
export function hasOperation(attributes: object): boolean {
  return Object.values(attributes).some(isOperation)
}

function isOperation(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { inc, add, $add } = value as { inc?: unknown; add?: unknown; $add?: unknown }
  return typeof inc === 'number' || Array.isArray(add) || Array.isArray($add)
}
