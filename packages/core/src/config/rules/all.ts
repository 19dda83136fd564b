import type { Rule } from './rule.ts'

/** Every rule, in the order they are checked. */
export const RULES: readonly Rule[] = []
