import type { Json } from '@engage-sync/contract'
import type { Rules } from '../options/index.ts'
import { LIMITS } from '../specification/index.ts'
import { bytesOf } from '../values/index.ts'
import { FilterError } from './context.ts'

/**
 * A pattern as Braze's segment filters use it: case-insensitive, matching anywhere.
 *
 * JavaScript's `RegExp` stands in for PCRE, as in the tester of Braze's dashboard.
 *
 * @throws {FilterError} when it is too long or cannot be read
 * @see https://www.braze.com/docs/user_guide/audience/segments/regex/
 */
export function compilePattern(source: Json, rules: Rules): RegExp {
  if (typeof source !== 'string') throw new FilterError('a pattern must be text')
  if (rules.filterRegexSize && bytesOf(source) > LIMITS.regexBytes)
    throw new FilterError('a pattern has at most 10,000 bytes')
  try {
    return new RegExp(
      rules.filterRegexAnchors ? source : `^(?:${source})$`,
      rules.filterRegexCase ? 'i' : '',
    )
  } catch {
    throw new FilterError('the pattern cannot be read')
  }
}
