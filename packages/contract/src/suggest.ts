import { distance } from 'fastest-levenshtein'

/**
 * Finds the candidate a misspelt word most likely means, or null.
 *
 * Case and the choice of `-`, `_` or space do not count; else at most a third of the letters may
 * differ.
 */
export function closest(word: string, candidates: Iterable<string>): string | null {
  const folded = fold(word)
  const limit = Math.max(1, Math.floor(word.length / 3))
  let best: string | null = null
  let bestDistance = limit + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit + 2) continue
    const away = distance(folded, fold(candidate))
    if (away < bestDistance) [best, bestDistance] = [candidate, away]
  }
  return best
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[-\s_]/g, '_')
}

/** A hint that names the nearest candidate, or lists them when they are few. */
export function hintFor(
  word: string,
  candidates: readonly string[],
  noun = 'one of',
): string | undefined {
  const near = closest(word, candidates)
  if (near !== null) return `Did you mean "${near}"?`
  if (candidates.length === 0 || candidates.length > 20) return undefined
  return `Known: ${noun === 'one of' ? '' : `${noun} `}${candidates.join(', ')}.`
}
