import { closest, SyncError } from '@engage-sync/core'
import { explainUser } from '../explain/explain-user.ts'
import { explainSync, SYNC_FORMATS } from '../explain/explain-sync.ts'
import type { SyncFormat } from '../explain/explain-sync.ts'
import { EXIT } from '../process/exit.ts'
import { formatOption } from '../command-line/options.ts'
import { isSyncError } from '../process/sync-error.ts'
import type { Io } from '../process/io.ts'
import { readValidConfig } from '../workspace/configuration/config-files.ts'
import { compileSyncs } from '../workspace/environment/open-environment.ts'
import { readState } from '../workspace/state/with-state.ts'
import { defineCommand } from '../command-line/command.ts'
import type { GlobalFlags } from '../command-line/command.ts'

interface ExplainFlags {
  readonly braze?: boolean
  readonly showValues?: boolean
  readonly format: SyncFormat
}

/**
 * `explain`: a sync at a glance with the recipe to build its segments in Braze's dashboard; or why
 * a user has what it has.
 */
export const explainCommand = defineCommand<ExplainFlags>({
  configure(command) {
    command
      .argument('<sync|user>', 'name of a sync, or a user: external id, or name of an alias')
      .option('--braze', 'how to build the same segments by hand in the dashboard of Braze')
      .option('--show-values', 'print the kept values of a user, which are personal data')
      .addOption(formatOption(SYNC_FORMATS))
  },
  async run(io, flags, [name = '']) {
    const environment = flags.isEnvDefault ? {} : { environment: flags.env }
    const config = readValidConfig({ configs: flags.configs, cwd: io.cwd, ...environment })
    const sync = config.syncs.find((each) => each.name === name)
    if (sync !== undefined) {
      explainSync(io, { config, sync, format: flags.format, braze: flags.braze === true })
      return EXIT.done
    }
    const names = config.syncs.map((each) => each.name)
    if (flags.braze === true || !(await writeUser(io, flags, name))) throw unknownSync(name, names)
    return EXIT.done
  },
})

/** False when there is no state, or it knows no such user. */
async function writeUser(
  io: Io,
  flags: GlobalFlags & ExplainFlags,
  user: string,
): Promise<boolean> {
  try {
    return await readState(io, flags, (store, opened) => {
      const syncs = compileSyncs(opened.config.syncs, opened.environment)
      const format = flags.format === 'json' ? 'json' : 'human'
      const { name: environment } = opened.environment
      const showValues = flags.showValues === true
      return explainUser(io, { environment, store, syncs, user, format, showValues })
    })
  } catch (error) {
    if (isSyncError(error) && error.code === 'STATE_NOT_INITIALISED') return false
    throw error
  }
}

function unknownSync(name: string, known: readonly string[]): SyncError {
  const near = closest(name, known)
  const hint = near === null ? `There are: ${known.join(', ')}.` : `Did you mean "${near}"?`
  return new SyncError(
    'SELECT_UNKNOWN',
    `There is no sync, and no user of this state, named "${name}"`,
    { hint },
  )
}
