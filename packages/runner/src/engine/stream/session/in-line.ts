import { isRetired } from '@engage-sync/core'
import type { SourcePosition, StreamSource } from '@engage-sync/core'
import { unconfirmedEnds } from '../../durable/index.ts'
import type { OpenRun } from '../../open.ts'

/**
 * Whether windows may begin on a state as it is: everything in the configuration was brought in
 * line before, and what a process that ended without a word may have sent can be told apart.
 *
 * Otherwise an ordinary run comes first: a first load, a changed mapping, a source that ends
 * and is due.
 */
export function isInLine(
  { mappings, unconfirmed, ahead }: OpenRun,
  followed: {
    readonly streams: ReadonlyMap<string, StreamSource>
    readonly positions: ReadonlyMap<string, SourcePosition>
    /** Sources that do not go on, and are to be read. */
    readonly wanted: ReadonlySet<string>
    /** One of several workers may go on at the beginning of a source. Default false. */
    readonly isShared?: boolean
  },
): boolean {
  const { changes, history, needsReplay, program, programs } = mappings
  const { added, changed, moved, renamed } = changes
  const isNew = [added, changed, moved, renamed, needsReplay].some((list) => list.length > 0)
  const retires = program.outputs.some((output) => output !== undefined && isRetired(output))
  const isBehind = isNew || history.size > 0 || retires || followed.wanted.size > 0
  if (ahead !== null || isBehind) return false
  return [...programs.keys()].every((source) => {
    if (!followed.streams.has(source)) return true
    const from = followed.positions.get(source)
    if (from === undefined) return followed.isShared === true
    return unconfirmedEnds(unconfirmed, { source, kind: 'new', from }).every(Number.isFinite)
  })
}
