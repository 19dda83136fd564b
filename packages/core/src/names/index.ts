/*
 * names: how people write names, and what they most likely meant.
 *
 * Dotted names and their parts, names that overlap or look alike, the nearest of several candidates.
 */
export * from './dotted-name.ts'
export { closest } from './suggest.ts'
