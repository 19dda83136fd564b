import { compileSync, zip } from '@engage-sync/core'
import type { CompiledSync, Destination } from '@engage-sync/core'
import { cohortNamesOf, describeTrace } from '../debug/debugged.ts'
import type { DebuggedRecord } from '../debug/debugged.ts'
import { knownTexts } from '../debug/hide.ts'
import { packUpdates, sendRequests, showRequest } from '../debug/requests.ts'
import { traceRecords } from '../debug/trace.ts'
import type { Trace } from '../debug/trace.ts'
import { EXIT } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { formatOption, selectOption } from '../command-line/options.ts'
import { coloursFor } from '../output/text/colours.ts'
import { renderDebugged } from '../output/inspection/debug.ts'
import { renderJson } from '../output/formats/json.ts'
import { countOf } from '../output/text/numbers.ts'
import { becomes } from '../output/syncs/overview.ts'
import { describeSync } from '../output/syncs/sync-overview.ts'
import { loadDecoder, openDestination, openPacking } from '../adapters/registry.ts'
import { compileContext } from '../workspace/configuration/compile-context.ts'
import { readValidConfig } from '../workspace/configuration/config-files.ts'
import type { ReadConfig } from '../workspace/configuration/config-files.ts'
import { environmentDirectory, keepOutOfGit } from '../workspace/environment/directory.ts'
import { readEvents } from '../workspace/files/read-events.ts'
import { environmentOf, resolveEnvironment } from '../workspace/environment/resolve-environment.ts'
import { selectFrom } from '../workspace/selection/select-from.ts'
import { defineCommand } from '../command-line/command.ts'

interface DebugFlags {
  readonly select?: readonly string[]
  readonly send?: boolean
  readonly showValues?: boolean
  readonly format: 'human' | 'json'
}

/** Records of one call: more would not be read. */
const MOST_RECORDS = 20

/**
 * `debug`: one or a few events through the whole way, up to the exact request, and Braze's answer.
 */
export const debugCommand = defineCommand<DebugFlags>({
  configure(command) {
    command
      .argument(
        '[file]',
        'events as JSON, one a line, one over several lines, or a list; - is standard input',
        '-',
      )
      .addOption(formatOption(['human', 'json']))
      .addOption(selectOption())
      .option('--send', 'send the requests, and show what Braze answers')
      .option('--show-values', 'show identifiers and values: they are personal data')
      .addHelpText('after', HELP)
  },
  async run(io, flags, [file = '-']) {
    const config = readValidConfig({
      configs: flags.configs,
      cwd: io.cwd,
      ...(!flags.isEnvDefault && { environment: flags.env }),
    })
    const selected = (
      await selectFrom(config, flags.select, { io, flags, withCases: false })
    ).filter(({ enabled }) => enabled)
    const context = compileContext(config.project?.environment ?? null)
    const syncs = selected.map((sync) => compileSync(sync, context))
    if (file === '-' && io.stderr.isTTY) io.stderr.write('Reading events from standard input\n')
    const { events } = await readEvents(file, io)
    const traces = traceRecords(events.slice(0, MOST_RECORDS), {
      syncs,
      createDecoder: await loadDecoder(),
      nowMs: io.now(),
    })
    const how = { showValues: flags.showValues === true, known: knownTexts(syncs) }
    const requests = await requestsOf(traces, { config, syncs, io, send: flags.send === true })
    const records = zip(traces, requests).map(([trace, sent]) => describeTrace(trace, sent, how))
    const units = selected.flatMap((sync) => describeSync(sync, context).mappings)
    write(io, flags, {
      records,
      becomes: new Map(units.map((unit) => [unit.id, becomes(unit)])),
      left: events.length - traces.length,
    })
    return records.some((record) => record.class === 'rejected' || record.rejected.length > 0)
      ? EXIT.partial
      : EXIT.done
  },
})

const HELP = `
Only users with an external id are shown and sent, as in Segment's own debugger.
The state is not asked: the first event is the first ever, and each is compared with those before it.
What --send sends is not written into the state either.
`

interface Sending {
  readonly config: ReadConfig
  readonly syncs: readonly CompiledSync[]
  readonly io: Io
  readonly send: boolean
}

/** The requests of each trace; sent, and with their answers, where that is asked for. */
async function requestsOf(traces: readonly Trace[], { config, syncs, io, send }: Sending) {
  const pack = (destination: Destination) =>
    traces.map(({ updates }) => packUpdates(updates, syncs, destination))
  if (!send) {
    const packing = await openPacking(environmentOf(config))
    return pack(packing).map((requests) => requests.map(showRequest))
  }
  const environment = resolveEnvironment(config, io)
  keepOutOfGit(config.root)
  const directory = environmentDirectory(config.root, environment.name)
  const { destination, close } = await openDestination(environment, {
    root: config.root,
    directory,
    stdin: io.stdin,
  })
  try {
    const answered = []
    for (const [trace, requests] of zip(traces, pack(destination))) {
      const cohorts = cohortNamesOf([trace])
      answered.push(
        await sendRequests(requests, cohorts, { destination, signal: io.signal, nowMs: io.now() }),
      )
    }
    return answered
  } finally {
    await close()
  }
}

interface Shown {
  readonly records: readonly DebuggedRecord[]
  /** What each mapping becomes in Braze, by its id. */
  readonly becomes: ReadonlyMap<string, string>
  /** Records that were not looked at. */
  readonly left: number
}

function write(io: Io, flags: DebugFlags, { records, becomes: inBraze, left }: Shown): void {
  if (flags.format === 'json') {
    io.stdout.write(renderJson({ version: 1, records, not_looked_at: left }))
    return
  }
  const colours = coloursFor(io.stdout, io.env)
  for (const record of records) io.stdout.write(`${renderDebugged(record, inBraze, colours)}\n`)
  const notes = [
    ...(left > 0 ? [`${countOf(left, 'record')} more not looked at`] : []),
    ...(flags.showValues === true ? [] : ['values hidden: --show-values shows them']),
    ...(flags.send === true ? [] : ['nothing sent: --send sends it']),
  ]
  if (notes.length > 0) io.stdout.write(`${colours.dim(notes.join(' · '))}\n`)
}
