import { compileSync, loadConfig } from '@engage-sync/core'
import type { NormalisedSync } from '@engage-sync/core'
import { compileContext } from '../workspace/configuration/compile-context.ts'
import type { CheckedConfig } from '../workspace/configuration/check-environments.ts'
import { readFormerSyncs } from '../workspace/selection/open-base.ts'
import type { BaseRequest } from '../workspace/selection/open-base.ts'
import { joinConfigurations, viewConfiguration } from './configuration-view.ts'
import type { ConfigurationView } from './configuration-view.ts'

/** What is compared with a git commit. */
export interface ComparedConfig extends Pick<BaseRequest, 'io' | 'flags'> {
  /** Without errors; every environment of it that was looked at is compared. */
  readonly config: CheckedConfig
  /** Those that were chosen; null for all, deleted ones among them. */
  readonly chosen: readonly NormalisedSync[] | null
}

/**
 * What a configuration changes against that of a git commit.
 *
 * @throws {SyncError} `SELECT_GIT` when git is missing, or does not know the commit
 */
export function compareWith(ref: string, compared: ComparedConfig): ConfigurationView {
  const { environments } = compared.config
  const names = environments.length === 0 ? [null] : environments
  return joinConfigurations(
    ref,
    names.map((environment) => viewIn(environment, ref, compared)),
  )
}

function viewIn(
  environment: string | null,
  ref: string,
  { io, flags, config, chosen }: ComparedConfig,
): ConfigurationView {
  const { project, syncs: all } = loadConfig(
    config.files,
    environment === null ? {} : { environment },
  )
  const names = chosen === null ? null : new Set(chosen.map(({ name }) => name))
  const isChosen = ({ name }: { readonly name: string }) => names === null || names.has(name)
  const context = compileContext(project?.environment ?? null)
  const syncs = all.filter((sync) => sync.enabled && isChosen(sync))
  return viewConfiguration({
    ref,
    former: readFormerSyncs(ref, { io, flags, environment })
      .map(({ compiled }) => compiled)
      .filter(isChosen),
    compiled: syncs.map((sync) => compileSync(sync, context)),
    syncs,
    configured: all.map(({ name }) => name),
  })
}
