import { tokenizePattern } from './regex-tokens.ts'

/**
 * Most pieces a pattern may have when its repetitions are written out; some tens of megabytes at
 * most.
 */
export const MAX_PATTERN_PIECES = 20_000

/**
 * How many pieces a pattern has when its counted repetitions are written out, which is what the
 * engine does.
 *
 * Shape: text in, at least 0 out; `(?:a?){1000}` has 1,000. Found without compiling, since
 * compiling is what costs.
 */
export function patternPieces(pattern: string): number {
  const enclosing: number[] = []
  let group = 0
  let last = 0
  for (const { kind, text } of tokenizePattern(pattern)) {
    if (kind === 'open' || (kind === 'flags' && text.endsWith(':'))) {
      enclosing.push(group)
      group = 0
      continue
    }
    if (kind === 'quantifier') {
      const times = timesOf(text)
      group += last * (times - 1)
      last *= times
      continue
    }
    const around = kind === 'close' ? enclosing.pop() : undefined
    if (around === undefined) last = kind === 'quoted' ? text.length : 1
    else [last, group] = [group, around]
    group += last
  }
  return enclosing.reduce((sum, pieces) => sum + pieces, group)
}

/** How often a quantifier writes its piece out; `*` and `+` are loops. */
function timesOf(text: string): number {
  const [, least, comma, most = ''] = /^\{(\d+)(,?)(\d*)\}/u.exec(text) ?? []
  if (least === undefined) return 1
  return Math.max(Number(comma === '' || most === '' ? least : most), 1)
}
