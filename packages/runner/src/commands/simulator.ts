import { relative } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { SyncError } from '@engage-sync/core'
import { EXIT } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { formatOption } from '../command-line/options.ts'
import { coloursFor } from '../output/text/colours.ts'
import { renderJson } from '../output/formats/json.ts'
import { alignRows } from '../output/text/table.ts'
import { openSimulator } from '../adapters/registry.ts'
import type { RunningSimulator } from '../adapters/registry.ts'
import { readConfig } from '../workspace/configuration/config-files.ts'
import { environmentDirectory, keepOutOfGit } from '../workspace/environment/directory.ts'
import { defineCommand } from '../command-line/command.ts'
import type { GlobalFlags } from '../command-line/command.ts'

interface SimulatorFlags {
  readonly port: number
  readonly memory?: boolean
  readonly format: 'human' | 'json'
}

/** `simulator`: keeps the local Braze of an environment running until it is interrupted. */
export const simulatorCommand = defineCommand<SimulatorFlags>({
  configure(command) {
    command
      .option('--port <number>', 'port to listen on; 0 is any free one', readPort, 0)
      .option('--memory', 'an empty one that keeps nothing; needs no configuration')
      .addOption(formatOption(['human', 'json']))
      .addHelpText('after', HELP)
  },
  async run(io, flags) {
    const directory = flags.memory === true ? null : simulatedDirectory(io, flags)
    const simulator = await openSimulator({ directory, port: flags.port })
    try {
      io.stdout.write(
        flags.format === 'json'
          ? renderJson({ version: 1, ...simulator.about })
          : describe(io, simulator, directory),
      )
      await stopped(io.signal)
    } finally {
      await simulator.close()
    }
    return EXIT.done
  },
})

const HELP = `
Runs of the same environment go to it while it is up, so that its page shows them as they come.
`

function readPort(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('Expected a whole number from 0 to 65535.')
}

/**
 * Where the environment keeps its simulator. @throws {SyncError} `CONFIG_NOT_SIMULATED` when it
 * syncs into a real Braze
 */
function simulatedDirectory(io: Io, flags: GlobalFlags): string {
  const config = readConfig({
    configs: flags.configs,
    cwd: io.cwd,
    ...(flags.isEnvDefault ? {} : { environment: flags.env }),
  })
  const environment = config.project?.environment ?? null
  if (environment?.braze.endpoint === 'simulator') {
    keepOutOfGit(config.root)
    return environmentDirectory(config.root, environment.name)
  }
  const name = environment?.name ?? flags.env
  throw new SyncError(
    'CONFIG_NOT_SIMULATED',
    `Environment ${name} does not sync into a simulator`,
    {
      hint: 'Choose one with `braze: { endpoint: simulator }` by --env, or start an empty one with --memory.',
    },
  )
}

function describe(io: Io, { about }: RunningSimulator, directory: string | null): string {
  const colours = coloursFor(io.stdout, io.env)
  const rows: readonly (readonly [string, string, string])[] = [
    ['page', `${about.url}/`, 'users, cohorts, requests'],
    ['REST key', about.api_key, 'may do everything'],
    [
      'partner',
      about.partner,
      `partner key ${about.partner_api_key}, client secret ${about.client_secret}`,
    ],
    ['kept in', directory === null ? 'memory alone' : relative(io.cwd, directory) || '.', ''],
  ]
  const lines = alignRows(
    rows.map(([name, value, note]) => ['', colours.dim(name), value, colours.dim(note)]),
    [],
  )
  return [
    `${colours.green('✓')} ${colours.bold(`A local Braze listens at ${about.url}`)}`,
    ...lines,
    colours.dim('  Ctrl-C stops it'),
    '',
  ].join('\n')
}

async function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
}
