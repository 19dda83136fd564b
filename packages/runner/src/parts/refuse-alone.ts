import { SyncError } from '@engage-sync/core'
import type { CompiledSync, NormalisedEnvironment, SourceConfig } from '@engage-sync/core'

/** What of an environment a run in parts works on. */
export interface PartsPlace {
  readonly environment: Pick<NormalisedEnvironment, 'name' | 'state' | 'serve'>
  readonly syncs: readonly Pick<CompiledSync, 'name' | 'promote'>[]
  /** Those the syncs read, by name. */
  readonly sources: ReadonlyMap<string, SourceConfig>
}

/**
 * Refuses what one process alone can do, before anything is read.
 *
 * @throws {SyncError} `CONFIG_RUN_ALONE`
 */
export function refuseAlone({ environment, syncs, sources }: PartsPlace): void {
  if (environment.state.url === null)
    throw alone(
      `The state of ${environment.name} is a file`,
      'Several processes need one they can all write to: `state: { url: "${DATABASE_URL}" }`, in PostgreSQL.',
    )
  const promotes = syncs.find(({ promote }) => promote !== 'never')
  if (promotes !== undefined)
    throw alone(
      `${promotes.name} joins aliases with users (\`promote\`), whose rows may be of two parts`,
      'Leave the others to several processes, and run this one by itself: --select.',
    )
  for (const [name, config] of sources) {
    const why = readAlone(config, environment)
    if (why !== null)
      throw alone(
        `Source ${name} ${why}`,
        'Let one process read it, or leave its syncs out: --select.',
      )
  }
}

/** Why a source is read by one process alone, as what follows its name; null where any number may. */
function readAlone(
  config: SourceConfig,
  { serve }: Pick<NormalisedEnvironment, 'serve'>,
): string | null {
  if ('events' in config && [config.events].flat().includes('-')) return 'is standard input'
  if ('profile_api' in config) return 'asks the Profile API, once for each user'
  if ('webhook' in config && serve.log === 'spool')
    return 'is a webhook whose log is of one machine'
  return null
}

function alone(message: string, hint: string): SyncError {
  return new SyncError('CONFIG_RUN_ALONE', `${message}, so that one process alone can run it`, {
    hint,
  })
}
