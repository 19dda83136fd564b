import { resolve } from 'node:path'
import { readListenAddress, SyncError } from '@engage-sync/core'
import type { ListenAddress } from '@engage-sync/core'
import { InvalidArgumentError, Option } from 'commander'
import { allowOption, formatOption, memoryOption, waitOption } from '../command-line/options.ts'
import { defineCommand } from '../command-line/command.ts'
import type { GlobalFlags } from '../command-line/command.ts'
import { EXIT } from '../process/exit.ts'
import type { ExitCode } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { coloursFor } from '../output/text/colours.ts'
import { alignRows } from '../output/text/table.ts'
import { ROLES } from '../serve/role.ts'
import type { Role } from '../serve/role.ts'
import { readFollow } from '../serve/follow.ts'
import { LiveServer } from '../serve/server.ts'
import type { PlannedStart } from '../serve/server-options.ts'
import { withServerTelemetry } from '../telemetry/index.ts'
import type { ServerTelling } from '../telemetry/index.ts'
import { readCount } from '../parts/part-flags.ts'
import { readPlanFile } from '../plan/plan-file.ts'
import { openEnvironment } from '../workspace/environment/open-environment.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'

interface ServeFlags {
  readonly listen?: ListenAddress
  readonly plan?: string
  readonly follow?: readonly string[]
  readonly wait?: number
  readonly allow?: readonly string[]
  readonly memoryBudget?: number
  readonly leaveLog?: true
  readonly role?: Role
  readonly workers?: number
  readonly format: 'human' | 'json'
}

/** `serve`: receives, acknowledges and delivers, until it is told to end. */
export const serveCommand = defineCommand<ServeFlags>({
  configure(command) {
    command
      .option('--listen <host:port>', 'where to listen; port 0 is any free one', readListen)
      .option(
        '--follow <source=place...>',
        'follow a file, a folder, a glob or - (standard input) as this source',
      )
      .addOption(
        new Option(
          '--role <role>',
          'what this process does: "front" receives, "worker" works on its share, "all" is both, alone',
        ).choices(ROLES),
      )
      .option(
        '--workers <count>',
        'receive here, and work in this many processes beside this one',
        (text: string) => readCount(text, 1),
      )
      .option('--plan <file>', 'start only if catching up does exactly what this plan says')
      .option(
        '--leave-log',
        'start though the former `serve.log` is a stream or a topic: what waits there stays there',
      )
      .addOption(allowOption('let a guard pass while it catches up'))
      .addOption(waitOption('wait this long for another run to end'))
      .addOption(memoryOption())
      .addOption(formatOption(['human', 'json']))
      .addHelpText('after', HELP)
  },
  run: (io, flags) => withServerTelemetry(io, (telling) => serve(io, flags, telling)),
})

async function serve(
  io: Io,
  flags: GlobalFlags & ServeFlags,
  telling: ServerTelling,
): Promise<ExitCode> {
  const { listen, follow = [], wait = 0, allow, memoryBudget, plan, role = 'all', workers } = flags
  const { leaveLog: leavesLog = false } = flags
  refuseTogether(flags)
  const server = new LiveServer({
    io,
    read: () => readEnvironment(io, flags),
    listen: listen ?? null,
    telling,
    follows: follow.map(readFollow),
    waitMs: wait * 1000,
    leavesLog,
    role: workers === undefined ? role : 'front',
    ...(workers !== undefined && { workers: { count: workers, argv: workerLine(flags) } }),
    ...(allow !== undefined && { allow }),
    ...(plan !== undefined && { plan: (opened) => plannedStart(io, plan, opened) }),
    ...(memoryBudget !== undefined && { memoryBudget }),
  })
  const url = await server.start()
  announce(io, flags, { url, paths: server.paths, simulator: server.simulator })
  await server.run()
  return EXIT.done
}

const HELP = `
The first line of standard output is the address.
SIGHUP reads the configuration anew, SIGTERM ends it within ten seconds.
`

/** @throws {SyncError} `USAGE_PLAN` for a plan of only a part, `PLAN_…` */
async function plannedStart(
  io: Io,
  plan: string,
  { environment }: OpenEnvironment,
): Promise<PlannedStart> {
  const { options, expectation: expect } = await readPlanFile(resolve(io.cwd, plan), {
    environment: environment.name,
    nowMs: io.now(),
  })
  const { select, reread, resend, allow = [] } = options
  if (select === null && !reread && resend === false) return { expect, allow }
  throw new SyncError('USAGE_PLAN', 'A server catches up as a run without options does', {
    hint: 'Make the plan without --select, --reread and --resend.',
  })
}

/** Beside a server others look at what its simulator holds, and send to it. */
function readEnvironment(io: Io, flags: GlobalFlags): OpenEnvironment {
  const opened = openEnvironment(io, flags)
  return { ...opened, place: { ...opened.place, sharesSimulator: true } }
}

function readListen(text: string): ListenAddress {
  const address = readListenAddress(text)
  if (address !== null) return address
  throw new InvalidArgumentError('Expected HOST:PORT, such as 127.0.0.1:8080 or :8080.')
}

/** @throws {SyncError} `USAGE_OPTION` */
function refuseTogether({ role, workers, plan }: ServeFlags): void {
  const isShared = workers !== undefined || (role !== undefined && role !== 'all')
  if (workers !== undefined && role !== undefined)
    throw new SyncError('USAGE_OPTION', '--workers and --role exclude each other', {
      hint: 'With --workers this process receives, and those it starts work.',
    })
  if (isShared && plan !== undefined)
    throw new SyncError('USAGE_OPTION', '--plan holds one process to a plan, and not several', {
      hint: 'Let `run --plan` catch up first, then start the workers.',
    })
}

/** The command line of a worker beside this process. */
function workerLine({
  configs,
  env,
  isEnvDefault,
  memoryBudget,
  allow = [],
  leaveLog,
}: GlobalFlags & ServeFlags): readonly string[] {
  return [
    'serve',
    '--role',
    'worker',
    '--listen',
    '127.0.0.1:0',
    '--configs',
    configs,
    ...(isEnvDefault ? [] : ['--env', env]),
    ...(memoryBudget === undefined
      ? []
      : ['--memory-budget', `${Math.ceil(memoryBudget / 1e6)}MB`]),
    ...(leaveLog === undefined ? [] : ['--leave-log']),
    ...allow.flatMap((guard) => ['--allow', guard]),
  ]
}

interface Announced {
  readonly url: string
  readonly paths: LiveServer['paths']
  readonly simulator: string | null
}

function announce(
  io: Io,
  flags: GlobalFlags & ServeFlags,
  { url, paths, simulator }: Announced,
): void {
  if (flags.format === 'json') {
    const webhooks = paths.map(([path, source]) => ({ path, source }))
    io.stdout.write(`${JSON.stringify({ version: 1, url, webhooks })}\n`)
    return
  }
  const colours = coloursFor(io.stdout, io.env)
  const rows = [
    ...paths.map(([path, source]): readonly string[] => ['', `POST ${path}`, `source ${source}`]),
    ['', 'GET /readyz', 'whether all of it works, and why not'],
    ['', 'GET /metrics', 'what it counted'],
    ['', 'GET /debug', 'records on their way'],
    ...(simulator === null ? [] : [['', simulator, 'the local Braze']]),
  ]
  const lines = alignRows(
    rows.map(([margin = '', what = '', about = '']) => [margin, what, colours.dim(about)]),
    [],
  )
  io.stdout.write(`${[url, ...lines, ''].join('\n')}`)
}
