import { SETTINGS, SETTING_NAMES, splitName } from '../options/index.ts'
import type { Settings } from '../options/index.ts'

/** A flag of the command line. */
export interface Flag {
  readonly type: 'string' | 'boolean'
  readonly multiple?: boolean
  /** What follows the flag in the help. */
  readonly value?: string
  readonly text: string
}

const OWN_FLAGS: Readonly<Record<string, Flag>> = {
  port: { type: 'string', value: 'PORT', text: 'port to listen on; 0 for any free one (0)' },
  host: { type: 'string', value: 'HOST', text: 'address to listen on (127.0.0.1)' },
  'host-name': {
    type: 'string',
    multiple: true,
    value: 'NAME',
    text: 'a name requests may call the server by, beside localhost and HOST; repeatable',
  },
  store: { type: 'string', value: 'FILE', text: 'keep everything in this file (memory alone)' },
  seed: { type: 'string', value: 'N', text: 'decides everything random (1)' },
  'seed-users': {
    type: 'string',
    value: 'FILE',
    text: 'profiles that are there from the start, as JSON array or NDJSON',
  },
  'api-key': {
    type: 'string',
    multiple: true,
    value: 'KEY[:PERMISSION,…]',
    text: 'a REST key, and what it may do; repeatable (simulator)',
  },
  partner: {
    type: 'string',
    multiple: true,
    value: 'NAME:KEY:SECRET[:disabled]',
    text: 'a cohort partner; repeatable (simulator:simulator:simulator)',
  },
  segment: {
    type: 'string',
    multiple: true,
    value: 'JSON',
    text: 'a segment as for POST /simulator/segments; repeatable',
  },
  lean: { type: 'boolean', text: 'count and keep nothing, for benches' },
  fault: {
    type: 'string',
    multiple: true,
    value: 'JSON',
    text: 'a fault as for POST /simulator/faults; repeatable',
  },
  'rule-off': {
    type: 'string',
    multiple: true,
    value: 'RULE',
    text: 'a rule not to keep, by name of GET /simulator/rules; repeatable',
  },
  'exit-with-stdin': {
    type: 'boolean',
    text: 'stop when standard input ends: when the parent is gone',
  },
  help: { type: 'boolean', text: 'this text' },
  version: { type: 'boolean', text: 'the version' },
}

/** Every flag by name; switches come from the table of settings. */
export const FLAGS: Readonly<Record<string, Flag>> = {
  ...OWN_FLAGS,
  ...Object.fromEntries(SETTING_NAMES.map((name) => [splitName(name, '-'), settingFlag(name)])),
}

/** The text of `--help`. */
export function helpText(): string {
  const width = Math.max(
    ...Object.entries(FLAGS).map(([name, { value = '' }]) => name.length + value.length),
  )
  const lines = Object.entries(FLAGS).map(
    ([name, { value = '', text }]) => `  --${`${name} ${value}`.padEnd(width + 1)}  ${text}`,
  )
  return [
    'Usage: braze-simulator [options]',
    '',
    'A local Braze. Prints its URL as the first line.',
    '',
    ...lines,
    '',
  ].join('\n')
}

function settingFlag(name: keyof Settings): Flag {
  const { default: initial, choices, text } = SETTINGS[name]
  const value =
    choices !== undefined
      ? choices.join('|')
      : typeof initial === 'number'
        ? 'N'
        : typeof initial === 'boolean'
          ? 'true|false'
          : 'A,B,…'
  const shown = Array.isArray(initial) ? 'none' : String(initial)
  return { type: 'string', value, text: `${text.replaceAll('`', '')} (${shown})` }
}
