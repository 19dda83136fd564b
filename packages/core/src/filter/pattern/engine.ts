import { RE2JS } from 're2js'

/**
 * Patterns whose compiled form is kept: checking one, looking for remarks and using it should
 * compile it once.
 */
const MAX_KEPT = 1000
const kept = new Map<string, RE2JS>()

/**
 * Compiles a pattern for the linear engine, in any case of letters.
 *
 * @throws {RE2JSException} when the engine cannot take it
 */
export function compileForEngine(pattern: string): RE2JS {
  const known = kept.get(pattern)
  if (known !== undefined) return known
  const compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE)
  if (kept.size >= MAX_KEPT) kept.clear()
  kept.set(pattern, compiled)
  return compiled
}
