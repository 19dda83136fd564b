import { EXIT } from '../../process/exit.ts'
import { formatOption } from '../../command-line/options.ts'
import { coloursFor } from '../../output/text/colours.ts'
import { renderJson } from '../../output/formats/json.ts'
import { renderMappings } from '../../output/inspection/mappings.ts'
import { mappingHoldings } from '../../state/reading/mapping-holdings.ts'
import { mappingPlaces } from '../../workspace/configuration/mapping-places.ts'
import { readState } from '../../workspace/state/with-state.ts'
import { defineCommand } from '../../command-line/command.ts'

/** `state list`: every mapping the state knows, and how many users hold something of it. */
export const listCommand = defineCommand<{ readonly format: 'human' | 'json' }>({
  configure(command) {
    command.addOption(formatOption(['human', 'json']))
  },
  run: (io, flags) =>
    readState(io, flags, async (store, { config }) => {
      const all = await mappingHoldings(store)
      const configured = mappingPlaces(config.syncs)
      io.stdout.write(
        flags.format === 'json'
          ? renderJson({
              version: 1,
              mappings: all.map(({ record: { id, active }, users }) => ({
                id,
                active,
                configured: configured.has(id),
                users,
              })),
            })
          : renderMappings(all, configured, coloursFor(io.stdout, io.env)),
      )
      return EXIT.done
    }),
})
