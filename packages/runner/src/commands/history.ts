import { SyncError } from '@engage-sync/core'
import type { RunRecord } from '@engage-sync/core'
import { Argument, Option } from 'commander'
import { EXIT } from '../process/exit.ts'
import { formatOption, wholeNumber } from '../command-line/options.ts'
import { coloursFor } from '../output/text/colours.ts'
import { endOf, storedReport } from '../output/report/end.ts'
import { renderHistory, renderRun } from '../output/report/history.ts'
import { renderJson } from '../output/formats/json.ts'
import { unbegunRuns } from '../workspace/state/unbegun-runs.ts'
import type { UnbegunRun } from '../workspace/state/unbegun-runs.ts'
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
    readState(io, flags, async (store, { place }) => {
      const colours = coloursFor(io.stdout, io.env)
      if (args[0] === undefined) {
        const runs = await store.runs(flags.limit)
        const unbegun = sinceFirst(runs, unbegunRuns(place)).slice(0, flags.limit)
        io.stdout.write(
          flags.format === 'json'
            ? renderJson({ version: 1, runs: runs.map(asJson), unbegun: unbegun.map(unbegunJson) })
            : renderHistory(runs, unbegun, colours),
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

/** Those that are not older than what is shown beside them. */
function sinceFirst(
  runs: readonly RunRecord[],
  unbegun: readonly UnbegunRun[],
): readonly UnbegunRun[] {
  const first = runs.at(-1)
  return first === undefined || first.number === 1
    ? unbegun
    : unbegun.filter(({ startedMs }) => startedMs >= Date.parse(first.startedAt))
}

/** A run that the state never came to know, as data: extended, never renamed. */
function unbegunJson({ startedMs, endedMs, status, error }: UnbegunRun): object {
  const [started, finished] = [startedMs, endedMs].map((ms) => new Date(ms).toISOString())
  return { started_at: started, finished_at: finished, status, error }
}

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
