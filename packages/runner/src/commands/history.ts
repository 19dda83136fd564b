import { SyncError } from '@engage-sync/core'
import type { RunRecord } from '@engage-sync/core'
import { Argument, Option } from 'commander'
import { EXIT } from '../process/exit.ts'
import { formatOption, wholeNumber } from '../command-line/options.ts'
import { coloursFor } from '../output/text/colours.ts'
import { endOf, storedReport } from '../output/report/end.ts'
import { renderHistory, renderRun } from '../output/report/history.ts'
import { renderJson } from '../output/formats/json.ts'
import { readState } from '../workspace/state/with-state.ts'
import { defineCommand } from '../command-line/command.ts'

const LIMIT = 20

/** `history`: past runs, or one of them. */
export const historyCommand = defineCommand<{
  readonly limit: number
  readonly format: 'human' | 'json'
}>({
  configure(command) {
    command
      .addArgument(
        new Argument('[run]', 'number of one run, to see all of it').argParser(wholeNumber),
      )
      .addOption(
        new Option('--limit <runs>', 'how many runs are listed')
          .argParser(wholeNumber)
          .default(LIMIT),
      )
      .addOption(formatOption(['human', 'json']))
  },
  run: (io, flags, args) =>
    readState(io, flags, async (store) => {
      const colours = coloursFor(io.stdout, io.env)
      if (args[0] === undefined) {
        const runs = await store.runs(flags.limit)
        io.stdout.write(
          flags.format === 'json'
            ? renderJson({ version: 1, runs: runs.map(asJson) })
            : renderHistory(runs, colours),
        )
        return EXIT.done
      }
      const run = pick(await store.runs(Number.MAX_SAFE_INTEGER), Number(args[0]))
      io.stdout.write(
        flags.format === 'json'
          ? renderJson({ version: 1, ...asJson(run) })
          : renderRun(run, { colours, columns: io.stdout.columns }),
      )
      return EXIT.done
    }),
})

function pick(runs: readonly RunRecord[], wanted: number): RunRecord {
  const found = runs.find(({ number }) => number === wanted)
  if (found !== undefined) return found
  throw new SyncError('USAGE_RUN', `There is no run ${wanted}`, {
    hint: 'See `engage-sync history` for what there is.',
  })
}

/** Version 1 of a run as data: extended, never renamed. */
function asJson(run: RunRecord): object {
  const { number, startedAt, finishedAt, actor, commit, fingerprint, status } = run
  const about = {
    run: number,
    started_at: startedAt,
    finished_at: finishedAt,
    actor,
    commit,
    fingerprint,
    status,
  }
  return { ...about, ...endOf(run), report: storedReport(run) }
}
