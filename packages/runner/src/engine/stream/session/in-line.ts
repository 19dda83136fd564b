import { isRetired } from '@engage-sync/core'
import type { SourcePosition, StreamSource } from '@engage-sync/core'
import { unconfirmedEnds } from '../../durable/index.ts'
import type { OpenRun } from '../../open.ts'

/**
 * Whether windows may begin on a state as it is: everything in the configuration was brought in
 * line before, and what a process that ended without a word may have sent can be told apart.
 *
 * Otherwise an ordinary run comes first: a first load, a changed mapping, a source that ends.
 */
export function isInLine(
  { mappings, unconfirmed, ahead }: OpenRun,
  followed: {
    readonly streams: ReadonlyMap<string, StreamSource>
    readonly positions: ReadonlyMap<string, SourcePosition>
  },
): boolean {
  const { changes, history, needsReplay, program, programs } = mappings
  const { added, changed, moved, renamed } = changes
  const isNew = [added, changed, moved, renamed, needsReplay].some((list) => list.length > 0)
  const retires = program.outputs.some((output) => output !== undefined && isRetired(output))
  if (ahead !== null || isNew || history.size > 0 || retires) return false
  return [...programs.keys()].every((source) => {
    const from = followed.positions.get(source)
    if (!followed.streams.has(source) || from === undefined) return false
    return unconfirmedEnds(unconfirmed, { source, kind: 'new', from }).every(Number.isFinite)
  })
}
