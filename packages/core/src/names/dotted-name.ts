/** A dotted name, split: what stands before the first dot, and the path below it. */
export interface DottedName {
  readonly name: string
  readonly path: readonly string[]
}

/**
 * Split a name at its dots; `\.` is a literal dot, `\\` a literal backslash.
 *
 * Shape: `address.city` in, `address` and `['city']` out; a name without dots has an empty path.
 */
export function splitDottedName(text: string): DottedName {
  const parts: string[] = []
  let part = ''
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    const next = text.charAt(at + 1)
    if (char === '\\' && (next === '.' || next === '\\')) {
      part += next
      at++
    } else if (char === '.') {
      parts.push(part)
      part = ''
    } else part += char
  }
  const [name, ...path] = [...parts, part] as const
  return { name, path }
}

/** The text that splits into these parts again. */
export function joinDottedName({ name, path }: DottedName): string {
  return [name, ...path].map((part) => part.replace(/[\\.]/gu, '\\$&')).join('.')
}
