import type { DottedName } from './dotted-name.ts'

/** Whether two attributes are the same place in Braze. */
export function isSameAttribute(a: DottedName, b: DottedName): boolean {
  return a.name === b.name && a.path.length === b.path.length && startsWith(a.path, b.path)
}

/** Whether writing one attribute touches the other: the same one, or one inside the other. */
export function overlaps(a: DottedName, b: DottedName): boolean {
  return a.name === b.name && (startsWith(a.path, b.path) || startsWith(b.path, a.path))
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((step, index) => path[index] === step)
}
