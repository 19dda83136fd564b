const HINTS: ReadonlyMap<string, string> = new Map([])

/** The next step for a rejection or skip code, or undefined where there is nothing to do. */
export function hintFor(code: string): string | undefined {
  return HINTS.get(code)
}
