import type { SourcePosition } from '@engage-sync/core'
import type { Planned } from './plan-passes.ts'
import type { Session } from './session.ts'

/** Sources whose positions a run moves: not those other syncs read too. */
export function ownSources({ options, prepared }: Session): readonly string[] {
  return [...prepared.programs.keys()].filter((source) => options.sharedSources?.has(source) !== true)
}

/** Where those sources are read from next. */
export function movedPositions(
  session: Session,
  { positions }: Planned,
): readonly { readonly source: string; readonly position: SourcePosition }[] {
  const own = new Set(ownSources(session))
  return [...positions].flatMap(([source, position]) => (own.has(source) ? [{ source, position }] : []))
}
