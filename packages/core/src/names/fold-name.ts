/** A name without what people overlook: case and spaces. */
export function foldName(name: string): string {
  return name.toLowerCase().replaceAll(/\s+/gu, '')
}
