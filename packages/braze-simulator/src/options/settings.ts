import { LIMITS } from '../specification/index.ts'

/** What can be switched. Every entry is documented in `SETTINGS`, with its default. */
export interface Settings {
  objectLimit: 'combined75' | 'perArray75' | 'combined50'
  errorStyle: 'text' | 'code'
  rateHeaders: 'epoch' | 'relative'
  missingPermission: '403' | '401'
  account: 'established' | 'new_account'
  applyDelayMs: number
  applyShuffle: boolean
  answerDelayMs: number
  trackLimit: number
  trackWindowMs: number
  bulkLimit: number
  bulkWindowMs: number
  syncLimit: number
  syncWindowMs: number
  usersLimit: number
  usersWindowMs: number
  externalIdsLimit: number
  externalIdsWindowMs: number
  subscriptionsLimit: number
  subscriptionsWindowMs: number
  exportLimit: number
  exportWindowMs: number
  segmentExportMs: number
  segmentExportTo: 'url' | 'storage'
  listsLimit: number
  listsWindowMs: number
  cohortsLimit: number
  cohortsWindowMs: number
  defaultLimit: number
  defaultWindowMs: number
  arrayLimit: number
  arrayOverflow: 'oldest' | 'newest'
  longStrings: 'drop' | 'cut'
  nestedNulls: 'remove' | 'store' | 'drop'
  cohortLock: boolean
  cohortPoints: number
  absentMatchesNot: boolean
  segmentableProperties: readonly string[]
  blockedUsers: readonly string[]
  blockedAttributes: readonly string[]
  blockedEvents: readonly string[]
  keepRequests: number
  keepDrops: number
}

/** One switch: its default, what it takes, and what it does. */
export interface Setting<T> {
  readonly default: T
  /** The values of a choice; absent for numbers, booleans and lists. */
  readonly choices?: readonly T[]
  readonly unit?: string
  readonly text: string
}

/**
 * Every switch. Options, `--flags`, `POST /simulator/settings` and the README's table all come from
 * here.
 */
export const SETTINGS: { readonly [Name in keyof Settings]: Setting<Settings[Name]> } = {
  objectLimit: {
    default: 'combined75',
    choices: ['combined75', 'perArray75', 'combined50'],
    text: 'objects `/users/track` takes: 75 in all, 75 of each array (legacy contracts), or 50 in all (older text)',
  },
  errorStyle: {
    default: 'text',
    choices: ['text', 'code'],
    text: '`type` of rejected objects: a sentence, or a code',
  },
  rateHeaders: {
    default: 'epoch',
    choices: ['epoch', 'relative'],
    text: '`X-RateLimit-Reset` as seconds since the epoch, or as seconds to wait',
  },
  missingPermission: {
    default: '403',
    choices: ['403', '401'],
    text: 'status for a key that lacks the permission',
  },
  account: {
    default: 'established',
    choices: ['established', 'new_account'],
    text: '`new_account`: exports need `fields_to_export`',
  },
  applyDelayMs: {
    default: 50,
    unit: 'ms',
    text: 'time between the answer and the write; 0 writes before answering',
  },
  applyShuffle: {
    default: false,
    text: 'draw each delay from 0 to twice the delay, so that requests overtake each other',
  },
  answerDelayMs: { default: 0, unit: 'ms', text: 'time before every answer' },
  trackLimit: {
    default: 3000,
    unit: 'requests',
    text: '`/users/track` requests in a window; 0 for no limit',
  },
  trackWindowMs: {
    default: 3000,
    unit: 'ms',
    text: 'window of `/users/track`, aligned to the clock',
  },
  bulkLimit: { default: 50, unit: 'requests', text: '`/users/track/bulk` requests in a window' },
  bulkWindowMs: { default: 1000, unit: 'ms', text: 'its window' },
  syncLimit: { default: 500, unit: 'requests', text: '`/users/track/sync` requests in a window' },
  syncWindowMs: { default: 60_000, unit: 'ms', text: 'its window' },
  usersLimit: {
    default: 20_000,
    unit: 'requests',
    text: 'requests of alias, identify, merge and delete together in a window',
  },
  usersWindowMs: { default: 60_000, unit: 'ms', text: 'their window' },
  externalIdsLimit: {
    default: 1000,
    unit: 'requests',
    text: 'requests of external id rename and remove together in a window',
  },
  externalIdsWindowMs: { default: 60_000, unit: 'ms', text: 'their window' },
  subscriptionsLimit: {
    default: 5000,
    unit: 'requests',
    text: 'requests that set subscription states, of both versions together, in a window',
  },
  subscriptionsWindowMs: { default: 60_000, unit: 'ms', text: 'their window' },
  exportLimit: { default: 250, unit: 'requests', text: '`/users/export/ids` requests in a window' },
  exportWindowMs: { default: 60_000, unit: 'ms', text: 'its window' },
  segmentExportMs: {
    default: 0,
    unit: 'ms',
    text: "time until the archive of a segment's export is at its address, 404 before",
  },
  segmentExportTo: {
    default: 'url',
    choices: ['url', 'storage'],
    text: "where that archive goes: to an address, or into the account's own storage, with no address",
  },
  listsLimit: {
    default: 1000,
    unit: 'requests',
    text: 'requests of `/events/list`, `/events`, `/custom_attributes` and `/purchases/product_list` together in a window',
  },
  listsWindowMs: { default: 3_600_000, unit: 'ms', text: 'their window' },
  cohortsLimit: { default: 250_000, unit: 'requests', text: 'partner requests in a window' },
  cohortsWindowMs: { default: 3_600_000, unit: 'ms', text: 'their window' },
  defaultLimit: { default: 250_000, unit: 'requests', text: 'all other requests in a window' },
  defaultWindowMs: { default: 3_600_000, unit: 'ms', text: 'their window' },
  arrayLimit: {
    default: LIMITS.arrayElements,
    unit: 'elements',
    text: 'elements an array attribute holds',
  },
  arrayOverflow: {
    default: 'oldest',
    choices: ['oldest', 'newest'],
    text: 'which end of an over-long array is cut (unproven)',
  },
  longStrings: {
    default: 'drop',
    choices: ['drop', 'cut'],
    text: 'strings over 255 characters: not stored, or cut (unproven)',
  },
  nestedNulls: {
    default: 'remove',
    choices: ['remove', 'store', 'drop'],
    text: 'a null member of an object: as one that is missing (a merge removes it), stored as null, or the whole value is dropped (unproven)',
  },
  cohortLock: {
    default: false,
    text: 'answer 423 while another request for the same cohort is in work',
  },
  cohortPoints: {
    default: 1,
    unit: 'data points',
    text: 'cost of one membership change (unproven for Segment)',
  },
  absentMatchesNot: {
    default: true,
    text: '`not_equal` and its like match users without a value (unproven)',
  },
  segmentableProperties: {
    default: [],
    text: 'event properties that cost a data point, as `event.property`',
  },
  blockedUsers: { default: [], text: 'external ids that are refused' },
  blockedAttributes: { default: [], text: 'attribute names that are dropped in silence' },
  blockedEvents: { default: [], text: 'event names that are dropped in silence' },
  keepRequests: { default: 1000, unit: 'requests', text: 'latest requests kept for inspection' },
  keepDrops: {
    default: 1000,
    unit: 'entries',
    text: 'latest drop-log entries kept for inspection; counts stay exact',
  },
}

/** Names of all switches, in the order of the table. */
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly (keyof Settings)[]

/** All switches at their defaults. */
export function defaultSettings(): Settings {
  return Object.fromEntries(
    SETTING_NAMES.map((name) => [name, SETTINGS[name].default]),
  ) as unknown as Settings
}

/** `applyDelayMs` → `apply_delay_ms`, or with another separator. */
export function splitName(name: string, separator: '_' | '-'): string {
  return name.replaceAll(/[A-Z]/g, (letter) => separator + letter.toLowerCase())
}

/**
 * Checks a value for a switch.
 *
 * Shape: the value as the switch wants it, or the reason it cannot be taken.
 *
 * @param value - JSON from `POST /simulator/settings`, or text from a flag (`5`, `true`, `a,b`)
 */
export function readSetting(
  name: keyof Settings,
  value: unknown,
): { value: Settings[keyof Settings] } | { problem: string } {
  const { default: initial, choices } = SETTINGS[name] as Setting<unknown>
  if (choices !== undefined)
    return choices.includes(value)
      ? { value: value as Settings[keyof Settings] }
      : { problem: `must be one of ${choices.join(', ')}` }
  if (typeof initial === 'number') return readNumber(value)
  if (typeof initial === 'boolean') return readBoolean(value)
  return readList(value)
}

function readNumber(value: unknown): { value: number } | { problem: string } {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= 0
    ? { value: number }
    : { problem: 'must be a whole number, 0 or more' }
}

function readBoolean(value: unknown): { value: boolean } | { problem: string } {
  if (value === true || value === 'true') return { value: true }
  return value === false || value === 'false'
    ? { value: false }
    : { problem: 'must be true or false' }
}

function readList(value: unknown): { value: readonly string[] } | { problem: string } {
  const list = typeof value === 'string' ? value.split(',').filter((item) => item !== '') : value
  return Array.isArray(list) && list.every((item) => typeof item === 'string')
    ? { value: list }
    : { problem: 'must be a list of texts' }
}
