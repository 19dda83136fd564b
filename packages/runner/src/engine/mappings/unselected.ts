import type { MappingRecord, SourcePosition } from '@engage-sync/core'
import type { Planned } from '../reading/passes.ts'
import type { EngineOptions } from '../request/options.ts'
import type { Session } from '../session.ts'

/** Whether a run works on whoever its syncs know: not on some users, nor on those of dead letters. */
export function isForAll({ onlyUsers, retry }: Pick<EngineOptions, 'onlyUsers' | 'retry'>): boolean {
  return onlyUsers === null && retry === undefined
}

/** Whether a run leaves out users or syncs. */
export function isPartial(options: Pick<EngineOptions, 'onlyUsers' | 'retry' | 'leftOut'>): boolean {
  return !isForAll(options) || (options.leftOut?.length ?? 0) > 0
}

/** Sources whose positions a run moves: not those that syncs it leaves out read, too. */
export function ownSources({ options, prepared }: Pick<Session, 'options' | 'prepared'>): readonly string[] {
  const others = new Set(options.leftOut?.map(({ source }) => source))
  return [...prepared.programs.keys()].filter((source) => !others.has(source))
}

/** Where those sources are read from next. */
export function movedPositions(
  session: Session,
  { positions }: Planned,
): readonly { readonly source: string; readonly position: SourcePosition }[] {
  const own = new Set(ownSources(session))
  return [...positions].flatMap(([source, position]) => (own.has(source) ? [{ source, position }] : []))
}

/** Mappings that miss what a run reads: those of syncs that are neither in it nor left out for now. */
export function mappingsBehind({ options, prepared }: Pick<Session, 'options' | 'prepared'>): readonly MappingRecord[] {
  const others = new Set(options.leftOut?.map(({ name }) => name))
  return prepared.behind.filter(({ id }) => !others.has(syncOf(id)))
}

function syncOf(id: string): string {
  return id.slice(0, id.indexOf(':'))
}
