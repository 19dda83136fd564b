/**
 * The candidate a mistyped word most likely means, or null.
 *
 * At most a third of its letters may be wrong, missing or too much; case does not count. Core's `closest` says the same of
 * keys; this one is for flags, so that `--help` need not load core.
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const folded = word.toLowerCase()
  let best: string | null = null
  let fewest = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const edits = editsBetween(folded, candidate.toLowerCase())
    if (edits < fewest) [best, fewest] = [candidate, edits]
  }
  return best
}

/** Letters to put in, leave out or change (Levenshtein); for the few short words of a command line. */
function editsBetween(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 0; i < left.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < right.length; j++) next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + Number(left[i] !== right[j])))
    row = next
  }
  return row[right.length]!
}
