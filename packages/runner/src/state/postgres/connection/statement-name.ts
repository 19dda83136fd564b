import { createHash } from 'node:crypto'

const names = new Map<string, string>()

/**
 * The name a statement is prepared under: of its text, so that whoever finds one of that name on a
 * connection that a pool dealt out finds the same statement.
 */
export function statementName(text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    name = `engage_sync_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
    names.set(text, name)
  }
  return name
}
