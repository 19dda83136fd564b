import { PARTITIONS, SyncError } from '@engage-sync/core'
import { InvalidArgumentError, Option } from 'commander'
import type { GlobalFlags } from '../command-line/command.ts'
import type { EngineFlags } from '../workspace/engine-options.ts'

/** Which part of which run a process does. */
export interface PartFlag {
  /** From 1. */
  readonly number: number
  readonly of: number
  /** Number of the run; null for the one that is under way. */
  readonly run: number | null
}

/** What decides by how many processes a run is done. */
export interface PartsFlags {
  /** Of this many parts. */
  readonly workers?: number
  /** So many of them are started here. Default: all. */
  readonly start?: number
  /** This process does one of the parts of a run that another one leads. */
  readonly part?: PartFlag
}

/** `--workers`, `--start` and `--part`. */
export function partsOptions(): readonly Option[] {
  return [
    new Option(
      '--workers <count>',
      'do it in this many processes, each with its share of the users; the state must be in PostgreSQL',
    ).argParser((text: string) => readCount(text, 1)),
    new Option(
      '--start <count>',
      'with --workers: start so many of them here; the others join by --part, wherever they are',
    ).argParser((text: string) => readCount(text, 0)),
    new Option(
      '--part <number/count>',
      'be this one of the processes of a run that `run --workers` leads, with its options',
    ).argParser(readPart),
  ]
}

/** How many processes are meant. @param least - how few there may be @throws {InvalidArgumentError} */
export function readCount(text: string, least: number): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= least && count <= PARTITIONS) return count
  throw new InvalidArgumentError(`Expected a whole number from ${least} to ${PARTITIONS}.`)
}

function readPart(text: string): PartFlag {
  const [, number = '', of = '', run] = /^(\d+)\/(\d+)(?:@(\d+))?$/.exec(text) ?? []
  const part = {
    number: Number(number),
    of: Number(of),
    run: run === undefined ? null : Number(run),
  }
  if (part.number >= 1 && part.number <= part.of && part.of <= PARTITIONS) return part
  throw new InvalidArgumentError(
    `Expected NUMBER/COUNT, such as 2/3; of ${PARTITIONS} parts at most.`,
  )
}

/** What only whoever leads a run does, by the names of its options. */
interface LeaderFlags {
  readonly handOver?: string | true
  readonly failOn?: unknown
  readonly metrics?: string
  readonly online?: boolean
}

/** @throws {SyncError} `USAGE_OPTION` for options that mean nothing together */
export function refuseTogether({ workers, start, part, ...more }: PartsFlags & LeaderFlags): void {
  if (part !== undefined && (workers !== undefined || start !== undefined))
    throw new SyncError('USAGE_OPTION', '--part and --workers exclude each other', {
      hint: 'One command leads the run with --workers; each other process does the part it names.',
    })
  const leads = LEADER_OPTIONS.find(([name]) => more[name] !== undefined)
  if (part !== undefined && leads !== undefined)
    throw new SyncError('USAGE_OPTION', `${leads[1]} is no option of a part`, {
      hint: 'Give it to the command that leads the run with --workers, which also reports it.',
    })
  if (start !== undefined && (workers === undefined || start > workers))
    throw new SyncError(
      'USAGE_OPTION',
      workers === undefined
        ? `--start ${start} is given without --workers`
        : `--start ${start} is more than --workers ${workers}`,
      {
        hint: 'It says how many of the workers start here. For example --workers 8 --start 4: four here, and four by --part elsewhere.',
      },
    )
}

const LEADER_OPTIONS: readonly (readonly [keyof LeaderFlags, string])[] = [
  ['handOver', '--hand-over'],
  ['failOn', '--fail-on'],
  ['metrics', '--metrics'],
  ['online', '--online'],
]

/** The command line of a part, with all that the run was told itself. */
export function partLine(
  flags: GlobalFlags &
    EngineFlags & { readonly select?: readonly string[]; readonly plan?: string },
  { number, of, run }: PartFlag,
): readonly string[] {
  const { configs, env, isEnvDefault, memoryBudget, only, plan, reread, resend, select, allow } =
    flags
  const budget = memoryBudget === undefined ? [] : [`${Math.ceil(memoryBudget / 1e6)}MB`]
  return [
    'run',
    '--part',
    `${number}/${of}@${run ?? ''}`,
    '--configs',
    configs,
    ...(isEnvDefault ? [] : ['--env', env]),
    ...budget.flatMap((size) => ['--memory-budget', size]),
    ...(plan === undefined ? [] : ['--plan', plan]),
    ...(only === undefined ? [] : ['--only', only]),
    ...(reread === true ? ['--reread'] : []),
    ...(resend === true ? ['--resend'] : []),
    ...(Array.isArray(resend) ? ['--resend', ...(resend as readonly string[])] : []),
    ...(select === undefined ? [] : ['--select', ...select]),
    ...(allow ?? []).flatMap((guard) => ['--allow', guard]),
  ]
}
