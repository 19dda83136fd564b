import { UpdateSet } from '@engage-sync/core'
import type { SourcePosition } from '@engage-sync/core'
import type { LeftBehind } from './mappings/index.ts'
import { openRun, openSources, plannerOf } from './open.ts'
import { planPasses, savedPositions } from './reading/index.ts'
import type { EngineOptions } from './request/index.ts'

/** How another configuration is planned. */
export interface BaseOptions extends EngineOptions {
  /** Its syncs, those among them that cannot be folded beside this one's. */
  readonly former: EngineOptions['syncs']
}

/** What another configuration would send of the same records, from the same state. */
export interface BasePlan extends Pick<BaseOptions, 'former'> {
  readonly syncs: EngineOptions['syncs']
  readonly updates: UpdateSet
  /** Where its reading ended, by source: what is compared with it reads no further. */
  readonly ends: ReadonlyMap<string, SourcePosition>
  /** What nothing fills any more in it. */
  readonly left: readonly LeftBehind[]
}

/**
 * Reads and folds with another configuration, and notes what a run of it would send. Allots
 * nothing, commits nothing, sends nothing.
 *
 * @param nowMs - of both plans, milliseconds
 * @throws {SyncError} `STATE_…`, `SOURCE_…`
 */
export async function planBase(options: BaseOptions, nowMs: number): Promise<BasePlan> {
  const updates = new UpdateSet()
  const { store, syncs, former } = options
  if (syncs.length === 0) return { syncs, former, updates, ends: new Map(), left: [] }
  const open = await openRun(options, { nowMs, run: await store.nextRunNumber() })
  const { positions } = await planPasses(await openSources(options, open), open.partitions, {
    createPlanner: plannerOf(open, { collects: updates }),
    digest: false,
    onStart: () => updates.clear(),
  })
  open.partitions.close()
  const saved = await savedPositions(store, options.sources)
  const ends = [...open.mappings.programs.keys()].flatMap((source) => {
    const end = positions.get(source) ?? saved.get(source)
    return end === undefined ? [] : [[source, end] as const]
  })
  return { syncs, former, updates, ends: new Map(ends), left: open.mappings.left }
}
