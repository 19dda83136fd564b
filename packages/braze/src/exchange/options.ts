import { BrazeError } from '../errors.ts'

/** What an option must be: a test, and how to say it. */
export interface OptionRule {
  readonly is: (value: unknown) => boolean
  readonly what: string
}

/** Longest a timer of Node's can wait, milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1

const number = (least: number, most: number) => (value: unknown) =>
  typeof value === 'number' && value >= least && value <= most
const milliseconds: OptionRule = { is: number(1, MAX_TIMER_MS), what: 'milliseconds, 1 or more' }
const anyMilliseconds: OptionRule = { is: number(0, MAX_TIMER_MS), what: 'milliseconds, 0 or more' }
const object: OptionRule = {
  is: (value) => typeof value === 'object' && value !== null,
  what: 'an object',
}
const aFunction: OptionRule = { is: (value) => typeof value === 'function', what: 'a function' }
const headerText: OptionRule = {
  is: (value) => typeof value === 'string' && /^[\x20-\x7e]*[\x21-\x7e][\x20-\x7e]*$/u.test(value),
  what: 'a text of printable ASCII that is not empty (look for a line break at its end, or a variable that is not set)',
}

/** Options of every client. */
export const CONNECTION_OPTIONS: Readonly<Record<string, OptionRule>> = {
  endpoint: { is: (value) => typeof value === 'string', what: 'an instance name or a URL' },
  apiKey: headerText,
  requestsPerSecond: {
    is: (value) => value === null || (number(0, 1e6)(value) && (value as number) > 0),
    what: 'a number above 0, or null to let the live headers decide',
  },
  concurrency: {
    is: (value) => Number.isInteger(value) && number(1, 10_000)(value),
    what: 'a whole number from 1',
  },
  connectTimeoutMs: milliseconds,
  timeoutMs: milliseconds,
  retry: object,
  userAgent: headerText,
  thread: { is: (value) => typeof value === 'boolean', what: 'true or false' },
  transport: object,
  pace: object,
  hooks: object,
  random: aFunction,
  clock: object,
}
/** Options of `retry`. */
const RETRY_OPTIONS: Readonly<Record<string, OptionRule>> = {
  baseMs: anyMilliseconds,
  maxMs: anyMilliseconds,
  budgetMs: anyMilliseconds,
  firstContactMs: anyMilliseconds,
}
const someText: OptionRule = {
  is: (value) => typeof value === 'string' && value.trim() !== '',
  what: 'a text that is not empty',
}
const COHORT_OPTIONS: Readonly<Record<string, OptionRule>> = {
  partner: someText,
  partnerApiKey: someText,
  clientSecret: someText,
}
/** The option of client and destination alike. */
export const COHORTS_OPTION: OptionRule = {
  is: (value) => value === null || object.is(value),
  what: 'keys, or null',
}
/** Options of the destination alone. */
export const DESTINATION_OPTIONS: Readonly<Record<string, OptionRule>> = {
  batch: {
    is: (value) => ['combined', 'per_array', 'bulk'].includes(value as string),
    what: 'combined, per_array or bulk',
  },
  settleMs: anyMilliseconds,
  verifyAfterMs: anyMilliseconds,
}
/** Whose absence is a mistake. */
const REQUIRED: ReadonlySet<string> = new Set([
  'endpoint',
  'apiKey',
  ...Object.keys(COHORT_OPTIONS),
])

/**
 * Refuses options that are unknown, missing or out of range, by name and never by value: they hold
 * keys.
 *
 * @throws {BrazeError} `BRAZE_OPTION`
 */
export function checkOptions(
  options: object,
  more: Readonly<Record<string, OptionRule>> = {},
): void {
  const { retry, cohorts } = options as { retry?: object; cohorts?: object | null }
  checkAll('', options, { ...CONNECTION_OPTIONS, cohorts: COHORTS_OPTION, ...more })
  if (retry !== undefined) checkAll('retry.', retry, RETRY_OPTIONS)
  if (cohorts !== undefined && cohorts !== null) checkAll('cohorts.', cohorts, COHORT_OPTIONS)
}

function checkAll(
  place: string,
  options: object,
  rules: Readonly<Record<string, OptionRule>>,
): void {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(rules, name))
      throw new BrazeError('BRAZE_OPTION', `There is no option ${place}${name}`, {
        hint: `Use ${Object.keys(rules).join(', ')}.`,
      })
  }
  for (const [name, { is, what }] of Object.entries(rules)) {
    const value = (options as Readonly<Record<string, unknown>>)[name]
    if (value === undefined ? REQUIRED.has(name) : !is(value))
      throw new BrazeError('BRAZE_OPTION', `The option ${place}${name} must be ${what}`)
  }
}
