/*
 * braze: what core knows of Braze, and the only place where its dialect stands.
 *
 * Standard attributes with their normalisers, names that are reserved, limits of names, values and
 * filters, what a write costs, the text of attributes and events as they travel, the codes of what
 * Braze would refuse, and the addresses of the instances. Mappings, rules and plans ask here.
 */
export type * from './attribute.ts'
export * from './attribute-types.ts'
export { VALUE_CODES } from './codes.ts'
export type { ValueCode } from './codes.ts'
export { dataPointsOf } from './data-points.ts'
export { STANDARD_ATTRIBUTES } from './standard-attributes.ts'
export type { StandardAttribute } from './standard-attributes.ts'
