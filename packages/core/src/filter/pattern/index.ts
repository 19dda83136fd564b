/*
 * filter/pattern: regular expressions, by an engine whose time is linear in the text.
 *
 * What the engine cannot take is found before, with its place; what Braze reads differently is
 * remarked on.
 */
export { findRegexProblems } from './regex-check.ts'
export type { RegexProblem } from './regex-problem.ts'
export { findRegexRemarks } from './regex-lint.ts'
export type { RegexRemark } from './regex-lint.ts'
export { compilePattern } from './regex.ts'
