/*
 * braze: what core knows of Braze, and the only place where it stands.
 *
 * Standard attributes with their normalisers, names that are reserved, limits of names and values,
 * what a write costs, and the addresses of the instances. Mappings, rules and plans ask here.
 */
export * from './data-points.ts'
export * from './hosts.ts'
export * from './instances.ts'
export { STANDARD_ATTRIBUTES } from './standard-attributes.ts'
export type { StandardAttribute } from './standard-attributes.ts'
