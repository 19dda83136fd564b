/** The candidate a misspelt name most likely means, or null: at most a third of its letters may differ. */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  const folded = fold(name)
  let best: string | null = null
  let fewest = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    const edits = editsBetween(folded, fold(candidate))
    if (edits < fewest) [best, fewest] = [candidate, edits]
  }
  return best
}

/** How many letters must be put in, left out or changed (Levenshtein). */
function editsBetween(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 0; i < left.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < right.length; j++) next.push(Math.min(row[j + 1] + 1, next[j] + 1, row[j] + Number(left[i] !== right[j])))
    row = next
  }
  return row[right.length]
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[-\s]/gu, '_')
}
