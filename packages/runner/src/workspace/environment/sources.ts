import { resolveSecrets, SyncError } from '@engage-sync/core'
import type { CompiledSync, NormalisedSync, SourceConfig } from '@engage-sync/core'
import type { WantedKeys } from '../../adapters/open-source.ts'
import type { OpenEnvironment } from './open-environment.ts'

/**
 * The sources that syncs read, by name, with their secrets.
 *
 * @throws {SyncError} `CONFIG_SOURCE_UNKNOWN`, `SECRET_…`
 */
export function sourceConfigs(
  { environment, secrets }: Pick<OpenEnvironment, 'environment' | 'secrets'>,
  syncs: readonly NormalisedSync[],
): ReadonlyMap<string, SourceConfig> {
  const configs = new Map<string, SourceConfig>()
  for (const { source, enabled, name } of syncs) {
    if (!enabled) continue
    if (source.config === null) {
      const message = `Sync ${name} reads source ${source.name}, which environment ${environment.name} lacks`
      throw new SyncError('CONFIG_SOURCE_UNKNOWN', message, {
        hint: `Add ${source.name} to the sources of ${environment.name}.`,
      })
    }
    configs.set(source.name, resolveSecrets(source.config, secrets))
  }
  return configs
}

/** The computations syncs map or filter by, for sources that hold whole profiles. */
export function wantedKeys(syncs: readonly CompiledSync[]): WantedKeys {
  const traits = new Set<string>()
  const audiences = new Set<string>()
  const add = (kind: string, key: string) => (kind === 'audience' ? audiences : traits).add(key)
  for (const sync of syncs) {
    for (const { wanted } of sync.mappings) add(wanted.kind, wanted.key)
    for (const { filter } of sync.segments) {
      for (const leaf of filter.leaves)
        if (leaf.type !== 'event') add(leaf.operand.kind, leaf.operand.key)
    }
  }
  return { traits: [...traits], audiences: [...audiences] }
}
