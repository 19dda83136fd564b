/**
 * The lines of an output that say something, without what differs from run to run: how long it
 * took, and when.
 */
export function linesOf(output: string): readonly string[] {
  return output
    .replaceAll(/ · [\d.]+ s$/gm, ' · … s')
    .replaceAll(/ in [\d.]+ s$/gm, ' in … s')
    .replaceAll(/as of .+$/gm, 'as of …')
    .split('\n')
    .map((line) => line.trim().replaceAll(/ {2,}/g, '  '))
    .filter((line) => line !== '')
}

/**
 * Lines of a page's block that an output does not have, or not in this order. The block may leave
 * lines out.
 */
export function missingFrom(output: string, block: string): readonly string[] {
  const printed = linesOf(output)
  const missing: string[] = []
  let from = 0
  for (const line of linesOf(block)) {
    const at = printed.indexOf(line, from)
    if (at < 0) missing.push(line)
    else from = at + 1
  }
  return missing
}
