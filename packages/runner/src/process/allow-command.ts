/**
 * What lets a server deliver what guards hold, to be copied as it is.
 *
 * @param guards - such as `removals=<id>`
 */
export function allowCommand(guards: readonly string[], environment: string): string {
  return `engage-sync allow ${guards.join(' ')} --env ${environment}`
}
