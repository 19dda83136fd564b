import { isObject } from '../values/index.ts'

/** What a fault does to a request. */
export const FAULT_KINDS = [
  'status',
  'timeout',
  'reset',
  'cut',
  'slow',
  'partial',
  'no_message',
  'garbage',
] as const

/** A fault on demand. Keys are those of `POST /simulator/faults`. */
export interface FaultOptions {
  readonly kind: (typeof FAULT_KINDS)[number]
  /** Only requests to this path; a trailing `*` matches any rest. Default: all of Braze's own. */
  readonly path?: string
  /** `status`: the status to answer, 400 to 599. Default 503. */
  readonly status?: number
  /** `status`: the message of the body. */
  readonly message?: string
  /** `status`, `timeout`, `reset`: write what was asked first. Default false. */
  readonly after_apply?: boolean
  /** `status` 429: seconds of `X-Ratelimit-Retry-After`. Default 1. */
  readonly retry_after?: number
  /** `slow`: milliseconds before the answer. Default 1,000. */
  readonly delay_ms?: number
  /** `partial`: the array whose objects are refused. Default `attributes`. */
  readonly array?: 'attributes' | 'events' | 'purchases'
  /** `partial`: places in that array. Default [0]. */
  readonly indexes?: readonly number[]
  /** `partial`: the `type` of the entries. */
  readonly type?: string
  /** How many matching requests it hits. Default: 1 without a probability, no end with one. */
  readonly next?: number
  /** Matching requests it lets pass first. Default 0. */
  readonly skip?: number
  /** Chance of a matching request to be hit, 0 to 1, drawn from the seed. Default 1. */
  readonly probability?: number
}

const CHECKS: { readonly [Key in keyof Required<FaultOptions>]: (value: unknown) => boolean } = {
  kind: (value) => FAULT_KINDS.includes(value as FaultOptions['kind']),
  path: (value) => typeof value === 'string' && value.startsWith('/'),
  status: (value) =>
    Number.isInteger(value) && (value as number) >= 400 && (value as number) <= 599,
  message: (value) => typeof value === 'string',
  after_apply: (value) => typeof value === 'boolean',
  retry_after: isCount,
  delay_ms: isCount,
  array: (value) => value === 'attributes' || value === 'events' || value === 'purchases',
  indexes: (value) => Array.isArray(value) && value.every(isCount),
  type: (value) => typeof value === 'string',
  next: isCount,
  skip: isCount,
  probability: (value) => typeof value === 'number' && value >= 0 && value <= 1,
}

/**
 * Checks a fault of `POST /simulator/faults`; the name of the first key that is wrong, or the
 * fault.
 */
export function readFault(value: unknown): FaultOptions | { readonly problem: string } {
  if (!isObject(value)) return { problem: 'a fault must be an object' }
  if (!Object.hasOwn(value, 'kind'))
    return { problem: `kind must be one of ${FAULT_KINDS.join(', ')}` }
  for (const [key, item] of Object.entries(value)) {
    const check = Object.hasOwn(CHECKS, key) ? CHECKS[key as keyof FaultOptions] : undefined
    if (check === undefined)
      return { problem: `${key} is unknown; use ${Object.keys(CHECKS).join(', ')}` }
    if (!check(item))
      return {
        problem:
          key === 'kind'
            ? `kind must be one of ${FAULT_KINDS.join(', ')}`
            : `${key} has a wrong value`,
      }
  }
  return value as unknown as FaultOptions
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0
}
