import type { CompiledSync, NormalisedSync } from '@engage-sync/core'
import { changesBetween, leftBetween, syncsBetween } from '../engine/index.ts'
import { mappingChanges } from './changes.ts'
import type { MappingChange } from './changes.ts'
import { manualSteps } from './manual-steps.ts'
import type { ManualStep } from './manual-steps.ts'
import { viewSyncChanges } from './sync-changes.ts'
import type { SyncChange } from './sync-changes.ts'

/** What a configuration changes against that of a git commit: the part of a plan that needs no data. */
export interface ConfigurationView {
  /** The commit, as it was named. */
  readonly ref: string
  readonly sync_changes: readonly SyncChange[]
  /** Nobody is counted: all its counts are 0, and `stale_users` is null. */
  readonly changes: readonly MappingChange[]
  /** What nobody can do by API. */
  readonly by_hand: readonly ManualStep[]
}

/** Two configurations, and what else there is of the later one. */
export interface ConfigurationPair {
  readonly ref: string
  readonly former: readonly CompiledSync[]
  readonly compiled: readonly CompiledSync[]
  /** The same as it is written. */
  readonly syncs: readonly NormalisedSync[]
  /** Names of all its syncs, those that do not run among them. */
  readonly configured: readonly string[]
}

/** Compares two configurations. Reads no state, no source, and no secret. */
export function viewConfiguration(pair: ConfigurationPair): ConfigurationView {
  const { ref, former, compiled, syncs, configured } = pair
  const { changes, changed } = changesBetween(former, compiled, configured)
  const left = leftBetween(former, compiled, { moves: changes.moved, configured })
  const told = mappingChanges({
    changes,
    changed,
    left: left.map((one) => ({ ...one, users: null })),
    members: new Map(),
    summary: { mappings: new Map() },
  })
  const running = new Set(compiled.map(({ name }) => name))
  const paused = former.filter(({ name }) => configured.includes(name) && !running.has(name))
  return {
    ref,
    changes: told,
    sync_changes: viewSyncChanges(
      syncsBetween(former, compiled),
      paused.map(({ name }) => name),
    ),
    by_hand: manualSteps({
      changes: told,
      renamedCohorts: changed.flatMap(({ before, after }) => {
        const [from, to] = [before?.cohort ?? null, after.cohort]
        return from === null || to === null || from === to ? [] : [{ from, to }]
      }),
      syncs,
      sendsCohorts: true,
    }),
  }
}

/** What is told of several environments, once where it is the same. */
export function joinConfigurations(
  ref: string,
  views: readonly ConfigurationView[],
): ConfigurationView {
  return {
    ref,
    sync_changes: once(views.flatMap((view) => view.sync_changes)),
    changes: once(views.flatMap((view) => view.changes)),
    by_hand: once(views.flatMap((view) => view.by_hand)),
  }
}

function once<T>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
}
