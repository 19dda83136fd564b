/*
 * config/rules: what a schema cannot say, one named check each.
 *
 * A rule looks at all files of a configuration and reports at the places concerned. `all.ts` lists
 * them in order.
 */
export { RULES } from './all.ts'
export type * from './rule.ts'
