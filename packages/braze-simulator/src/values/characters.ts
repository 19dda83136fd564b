/**
 * Characters of a text; one outside the basic plane counts once, though it takes two UTF-16 units.
 */
export function characterCount(text: string): number {
  return [...text].length
}

/** The first characters of a text. */
export function firstCharacters(text: string, count: number): string {
  return [...text].slice(0, count).join('')
}
