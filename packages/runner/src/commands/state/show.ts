import { Argument } from 'commander'
import { EXIT } from '../../process/exit.ts'
import { formatOption } from '../../command-line/options.ts'
import { coloursFor } from '../../output/text/colours.ts'
import { renderJson } from '../../output/formats/json.ts'
import { mappingJson, renderMapping } from '../../output/inspection/mappings.ts'
import { renderState } from '../../output/inspection/state.ts'
import { holdingsOf } from '../../state/reading/mapping-holdings.ts'
import { summariseState } from '../../state/reading/summarise.ts'
import type { StateSummary } from '../../state/reading/summarise.ts'
import { placeOfState } from '../../workspace/state/open-state.ts'
import { readState } from '../../workspace/state/with-state.ts'
import { defineCommand } from '../../command-line/command.ts'

/** `state show`: what a state holds, or what it knows of one mapping. */
export const showCommand = defineCommand<{ readonly format: 'human' | 'json' }>({
  configure(command) {
    command
      .addArgument(new Argument('[mapping]', 'one of them alone, by its id'))
      .addOption(formatOption(['human', 'json']))
  },
  run: (io, flags, [id]) =>
    readState(io, flags, async (store, { environment, place: { root } }) => {
      if (id !== undefined) {
        const holdings = await holdingsOf(store, id)
        io.stdout.write(
          flags.format === 'json'
            ? renderJson(mappingJson(holdings))
            : renderMapping(holdings, coloursFor(io.stdout, io.env)),
        )
        return EXIT.done
      }
      const summary = await summariseState(store)
      const place = placeOfState({ environment, root })
      if (flags.format === 'json') io.stdout.write(renderJson(asJson(summary, place)))
      else {
        const colours = coloursFor(io.stdout, io.env)
        io.stdout.write(
          renderState(summary, { colours, columns: io.stdout.columns, place, nowMs: io.now() }),
        )
      }
      return EXIT.done
    }),
})

/** Version 1 of `state show --format json`: extended, never renamed. */
function asJson(summary: StateSummary, place: string): object {
  const { info, users, columns, bytes, deltas, marks, deadLetters, runs, lease } = summary
  return {
    version: 1,
    place,
    format: info.format,
    id: info.id,
    environment: info.environment,
    workspace: info.workspace.split('#')[0],
    created_at: info.createdAt,
    users,
    columns,
    bytes,
    deltas,
    runs,
    dead_letters: deadLetters,
    open_marks: marks,
    lease:
      lease === null
        ? null
        : {
            owner: lease.owner,
            epoch: lease.epoch,
            expires_at: new Date(lease.expiresAt).toISOString(),
          },
    workers: summary.workers.map(({ worker, partitions, configuration, seenAt, url }) => ({
      name: worker,
      partitions,
      configuration,
      seen_at: new Date(seenAt).toISOString(),
      desk: url,
    })),
    unowned_partitions: summary.unowned,
    mappings: summary.mappings.map(({ id, fingerprint, bornAt, slots, active }) => ({
      id,
      fingerprint,
      born_at: new Date(bornAt).toISOString(),
      slots,
      active,
    })),
    positions: Object.fromEntries(summary.positions),
    cohorts: Object.fromEntries(summary.cohorts),
  }
}
