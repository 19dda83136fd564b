import { BrazeError } from '../errors.ts'
import { RATES } from '../limits.ts'
import type { BrazeHooks } from '../hooks/index.ts'
import type { EndpointGroup, Rate, TrackGroup } from '../limits.ts'
import { createPace } from '../pace/index.ts'
import type { Pace } from '../pace/index.ts'
import { systemClock } from '../time/index.ts'
import type { Clock } from '../time/index.ts'
import { createGotTransport, createHotTransport } from '../transport/index.ts'
import type { Transport } from '../transport/index.ts'
import type { Exchanger, Ways } from './exchange.ts'
import { endpointOf } from './instances.ts'
import { DEFAULT_RETRY } from './retry.ts'
import type { RetryPolicy } from './retry.ts'

/** How to reach Braze; what client and destination share. */
export interface ConnectionOptions {
  /** Instance name (`US-03`) or URL. https, or http on a loopback host. */
  readonly endpoint: string
  /** REST API key. */
  readonly apiKey: string
  /** Of track: a number is obeyed, spaced evenly. Null: what Braze takes, 3,000 in any 3 s, and no more than its headers allow. Default null. */
  readonly requestsPerSecond?: number | null
  /** Requests in flight, and connections kept. Default 100. */
  readonly concurrency?: number
  /** Until a connection stands, milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number
  /** One try, from sending to the last byte of the answer, milliseconds. Default 60,000. */
  readonly timeoutMs?: number
  readonly retry?: Partial<RetryPolicy>
  /** In the form Braze asks of partners, `partner-OrganizationName`. Default `partner-EngageSync`. */
  readonly userAgent?: string
  /** Whether track requests, after the first hundred, leave from a thread of their own. Default true. */
  readonly thread?: boolean
  /** Makes every exchange in the place of our own. It is closed with the client. */
  readonly transport?: Transport
  /** Watches the work; gets no key, body or query. */
  readonly hooks?: BrazeHooks
  /** From 0 up to, not including, 1; for the jitter. Default `Math.random`. */
  readonly random?: () => number
  /** Default: the machine's. */
  readonly clock?: Clock
}

export const DEFAULT_CONCURRENCY = 100
const DEFAULT_TIMEOUT_MS = 60_000
const DEFAULT_USER_AGENT = 'partner-EngageSync'

/**
 * What every call of one client shares.
 *
 * @throws {BrazeError} `BRAZE_ENDPOINT`, `BRAZE_OPTION`
 */
export function connect(options: ConnectionOptions): Exchanger {
  const clock = options.clock ?? systemClock
  const { concurrency = DEFAULT_CONCURRENCY } = options
  const apiKey = headerText('apiKey', options.apiKey)
  if (!(concurrency >= 1)) throw new BrazeError('BRAZE_OPTION', 'concurrency must be at least 1', { hint: 'Leave it out for the default.' })
  return {
    endpoint: endpointOf(options.endpoint),
    ways: waysOf(options, concurrency),
    paces: pacesOf(options, clock),
    hooks: options.hooks ?? {},
    authorisation: () => `Bearer ${apiKey}`,
    userAgent: headerText('userAgent', options.userAgent ?? DEFAULT_USER_AGENT),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    policy: { ...DEFAULT_RETRY, ...options.retry },
    random: options.random ?? Math.random,
    clock,
    contact: { made: false },
  }
}

function waysOf({ transport, thread = true, connectTimeoutMs }: ConnectionOptions, sockets: number): Ways {
  if (transport !== undefined) return { track: transport, calls: transport }
  const options = { sockets, ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }) }
  return { track: createHotTransport({ ...options, thread }), calls: createGotTransport(options) }
}

/** Closes what a client opened. */
export async function disconnect({ ways }: Pick<Exchanger, 'ways'>): Promise<void> {
  await Promise.all([...new Set([ways.track, ways.calls])].map((way) => way.close()))
}

function pacesOf({ requestsPerSecond = null, hooks }: ConnectionOptions, clock: Clock): Readonly<Record<EndpointGroup, Pace>> {
  if (requestsPerSecond !== null && !(requestsPerSecond > 0))
    throw new BrazeError('BRAZE_OPTION', 'requestsPerSecond must be above 0', { hint: 'Leave it out to let the live headers decide.' })
  const paceAt = (group: EndpointGroup, rate: Rate) =>
    createPace({ ...rate, clock, onWait: (waitMs) => hooks?.onWait?.({ group, waitMs }) })
  const pace = (group: EndpointGroup) => paceAt(group, RATES[group])
  const trackPace = (group: TrackGroup) => (requestsPerSecond === null ? pace(group) : paceAt(group, { requestsPerSecond }))
  return {
    track: trackPace('track'),
    bulk: trackPace('bulk'),
    sync: trackPace('sync'),
    users: pace('users'),
    export: pace('export'),
    catalogue: pace('catalogue'),
    cohorts: pace('cohorts'),
    default: pace('default'),
  }
}

function headerText(name: string, text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text
  throw new BrazeError('BRAZE_OPTION', `${name} must be printable ASCII`, {
    hint: 'A header holds no other characters; look for a line break at its end.',
  })
}
