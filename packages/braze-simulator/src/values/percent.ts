/** Text of a part of a path with its `%` sequences read; as it stands when they are none. */
export function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
