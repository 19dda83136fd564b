import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { JsonObject } from '@engage-sync/contract'
import { readSegment } from '../engine/index.ts'
import {
  RULE_NAMES,
  SETTING_NAMES,
  SimulatorError,
  readFault,
  readSetting,
  splitName,
} from '../options/index.ts'
import type {
  ApiKey,
  FaultOptions,
  Partner,
  RuleName,
  SegmentForm,
  Settings,
  SimulatorOptions,
} from '../options/index.ts'
import { isObject } from '../values/index.ts'
import { FLAGS } from './flags.ts'

/** What a command line asks for. */
export type CommandLine =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'start'; readonly options: SimulatorOptions; readonly exitWithStdin: boolean }

type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>

/**
 * Reads a command line.
 *
 * @throws {SimulatorError} `SIMULATOR_OPTION` that names the first flag that is wrong
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const values = parse(argv)
  if (values.help === true) return { kind: 'help' }
  if (values.version === true) return { kind: 'version' }
  const options: SimulatorOptions = {
    port: number(values, 'port', 65_535),
    host: text(values, 'host'),
    hostNames: list(values, 'host-name'),
    store: text(values, 'store'),
    seed: number(values, 'seed', 0xffff_ffff),
    users: typeof values['seed-users'] === 'string' ? readUsers(values['seed-users']) : undefined,
    apiKeys: list(values, 'api-key')?.map(readKey),
    partners: list(values, 'partner')?.map(readPartner),
    segments: list(values, 'segment')?.map(readSegmentFlag),
    lean: values.lean === true,
    settings: readSettings(values),
    rules: Object.fromEntries(
      (list(values, 'rule-off') ?? []).map((name) => [readRule(name), false]),
    ),
    faults: list(values, 'fault')?.map(readFaultFlag),
  }
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  )
  return { kind: 'start', options: given, exitWithStdin: values['exit-with-stdin'] === true }
}

function parse(argv: readonly string[]): Values {
  const options = Object.fromEntries(
    Object.entries(FLAGS).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  )
  try {
    return parseArgs({ args: [...argv], options, strict: true }).values
  } catch (error) {
    const [message = ''] = (error as Error).message.split('. ')
    throw wrong(message)
  }
}

function wrong(message: string): SimulatorError {
  return new SimulatorError(
    'SIMULATOR_OPTION',
    message,
    'braze-simulator --help lists all options.',
  )
}

function text(values: Values, name: string): string | undefined {
  return values[name] as string | undefined
}

function list(values: Values, name: string): readonly string[] | undefined {
  return values[name] as readonly string[] | undefined
}

function number(values: Values, name: string, most: number): number | undefined {
  const given = text(values, name)
  if (given === undefined) return undefined
  const value = Number(given)
  if (!/^\d+$/.test(given) || value > most)
    throw wrong(`--${name} must be a whole number from 0 to ${most}`)
  return value
}

function readKey(given: string): ApiKey {
  const [key = '', permissions] = given.split(':')
  if (key === '') throw wrong('--api-key must be KEY or KEY:PERMISSION,…')
  return permissions === undefined
    ? { key }
    : { key, permissions: permissions.split(',').filter((permission) => permission !== '') }
}

function readPartner(given: string): Partner {
  const [name = '', partnerApiKey = '', clientSecret = '', state, ...more] = given.split(':')
  const isComplete = [name, partnerApiKey, clientSecret].every((part) => part !== '')
  if (!isComplete || more.length > 0 || (state !== undefined && state !== 'disabled'))
    throw wrong('--partner must be NAME:KEY:SECRET or NAME:KEY:SECRET:disabled')
  return { name, partnerApiKey, clientSecret, isEnabled: state === undefined }
}

function readSettings(values: Values): Partial<Settings> {
  const settings: Record<string, unknown> = {}
  for (const name of SETTING_NAMES) {
    const flag = splitName(name, '-')
    if (values[flag] === undefined) continue
    const read = readSetting(name, values[flag])
    if ('problem' in read) throw wrong(`--${flag} ${read.problem}`)
    settings[name] = read.value
  }
  return settings
}

function readRule(name: string): RuleName {
  if (!RULE_NAMES.includes(name as RuleName)) throw wrong(`--rule-off ${name} is no rule`)
  return name as RuleName
}

function readFaultFlag(given: string): FaultOptions {
  const fault = readFault(readJson(given, '--fault'))
  if ('problem' in fault) throw wrong(`--fault: ${fault.problem}`)
  return fault
}

function readSegmentFlag(given: string): SegmentForm {
  const segment = readSegment(readJson(given, '--segment'))
  if (segment === null) throw wrong('--segment must be a JSON object with id, name and filter')
  return segment
}

function readUsers(path: string): readonly JsonObject[] {
  let content: string
  try {
    content = readFileSync(path, 'utf8').trim()
  } catch {
    throw wrong(`--seed-users: cannot read ${path}`)
  }
  const users = content.startsWith('[')
    ? readJson(content, '--seed-users')
    : content
        .split('\n')
        .flatMap((line) => (line.trim() === '' ? [] : [readJson(line, '--seed-users')]))
  if (!Array.isArray(users) || !users.every(isObject))
    throw wrong('--seed-users: every user must be a JSON object')
  return users
}

function readJson(given: string, flag: string): unknown {
  try {
    return JSON.parse(given)
  } catch {
    throw wrong(`${flag} holds no JSON`)
  }
}
