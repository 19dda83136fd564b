import { compileSync } from '@engage-sync/core'
import type { NormalisedSync } from '@engage-sync/core'
import type { Io } from '../../process/io.ts'
import { changedSinceFiles, changedSinceState } from './changed-syncs.ts'
import { compileContext } from '../configuration/compile-context.ts'
import type { ReadConfig } from '../configuration/config-files.ts'
import { readConfigFilesAt } from './git-files.ts'
import { selectSyncs } from './selection.ts'
import { readKnownMappings } from '../state/known-mappings.ts'

/** What selecting by change needs to know. */
export interface SelectContext {
  readonly io: Pick<Io, 'cwd' | 'env'>
  readonly flags: { readonly configs: string }
  /** Whether a changed cases file makes its sync a changed one. */
  readonly withCases: boolean
}

/**
 * The syncs of a sound configuration that `--select` means.
 *
 * @throws {SyncError} `SELECT_…`, and what opening the state throws for `changed`
 */
export function selectFrom(
  config: ReadConfig,
  selectors: readonly string[] | undefined,
  context: SelectContext,
): Promise<readonly NormalisedSync[]> {
  const { io, flags, withCases } = context
  return selectSyncs(config.syncs, selectors, {
    sinceCommit: (ref) =>
      changedSinceFiles(config, readConfigFilesAt(ref, flags.configs, io.cwd), { withCases }),
    sinceState: async () => {
      const compiled = config.syncs.map((sync) =>
        compileSync(sync, compileContext(config.project?.environment ?? null)),
      )
      return changedSinceState(compiled, await readKnownMappings(config, io))
    },
  })
}
