import { SyncError } from '@engage-sync/core'
import { explainSync, SYNC_FORMATS } from '../explain/explain-sync.ts'
import type { SyncFormat } from '../explain/explain-sync.ts'
import { EXIT } from '../exit.ts'
import { nearest } from '../nearest.ts'
import { formatOption } from '../options.ts'
import { readValidConfig } from '../workspace/config-files.ts'
import { defineCommand } from './command.ts'

interface ExplainFlags {
  readonly braze?: boolean
  readonly format: SyncFormat
}

/** `explain`: a sync at a glance, and the recipe to build its segments in Braze's dashboard. */
export const explainCommand = defineCommand<ExplainFlags>({
  configure(command) {
    command
      .argument('<sync>', 'name of a sync')
      .option('--braze', 'how to build the same segments by hand in the dashboard of Braze')
      .addOption(formatOption(SYNC_FORMATS))
  },
  async run(io, flags, [name = '']) {
    const environment = flags.isEnvDefault ? {} : { environment: flags.env }
    const config = readValidConfig({ configs: flags.configs, cwd: io.cwd, ...environment })
    const sync = config.syncs.find((each) => each.name === name)
    if (sync === undefined)
      throw unknownSync(
        name,
        config.syncs.map((each) => each.name),
      )
    explainSync(io, { config, sync, format: flags.format, braze: flags.braze === true })
    return EXIT.done
  },
})

function unknownSync(name: string, known: readonly string[]): SyncError {
  const near = nearest(name, known)
  const hint = near === null ? `There are: ${known.join(', ')}.` : `Did you mean "${near}"?`
  return new SyncError('SELECT_UNKNOWN', `There is no sync "${name}"`, { hint })
}
