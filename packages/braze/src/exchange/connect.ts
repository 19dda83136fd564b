import { RATES } from '../limits.ts'
import type { BrazeHooks } from '../hooks/index.ts'
import type { EndpointGroup, Rate, TrackGroup } from '../limits.ts'
import { createPace } from '../pace/index.ts'
import type { Pace, RateMember } from '../pace/index.ts'
import { systemClock } from '../time/index.ts'
import type { Clock } from '../time/index.ts'
import { createGotTransport, createHotTransport } from '../transport/index.ts'
import type { Transport } from '../transport/index.ts'
import type { Exchanger, Ways } from './exchange.ts'
import { endpointOf } from './instances.ts'
import { checkOptions } from './options.ts'
import type { OptionRule } from './options.ts'
import { DEFAULT_RETRY } from './retry.ts'
import type { RetryPolicy } from './retry.ts'

/** How to reach Braze; what client and destination share. */
export interface ConnectionOptions {
  /** Instance name (`US-03`) or URL. https, or http on a loopback host. */
  readonly endpoint: string
  /** REST API key. */
  readonly apiKey: string
  /**
   * Of track: a number is obeyed, spaced evenly. Null: what Braze takes, 3,000 in any 3 s, and no
   * more than its headers allow. Default null.
   */
  readonly requestsPerSecond?: number | null
  /** Requests in flight, and connections kept. Default 100. */
  readonly concurrency?: number
  /** Until a connection stands, milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number
  /** One try, from sending to the last byte of the answer, milliseconds. Default 60,000. */
  readonly timeoutMs?: number
  readonly retry?: Partial<RetryPolicy>
  /**
   * In the form Braze asks of partners, `partner-OrganizationName`. Default `partner-EngageSync`.
   */
  readonly userAgent?: string
  /**
   * Whether requests to track and to cohorts, after the first hundred, leave from a thread of their
   * own. Default true.
   */
  readonly thread?: boolean
  /** Makes every exchange in the place of our own. Whoever passes it closes it. */
  readonly transport?: Transport
  /**
   * Shared with other clients of the workspace (`createSharedPace`); `requestsPerSecond` is then
   * its own.
   */
  readonly pace?: SharedPace
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
export function connect(
  options: ConnectionOptions,
  more: Readonly<Record<string, OptionRule>> = {},
): Exchanger {
  checkOptions(options, more)
  const clock = options.clock ?? systemClock
  const { concurrency = DEFAULT_CONCURRENCY, apiKey } = options
  return {
    endpoint: endpointOf(options.endpoint),
    ways: waysOf(options, concurrency),
    paces: options.pace ?? createSharedPace(options),
    hooks: options.hooks ?? {},
    authorisation: () => `Bearer ${apiKey}`,
    userAgent: options.userAgent ?? DEFAULT_USER_AGENT,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    policy: { ...DEFAULT_RETRY, ...options.retry },
    random: options.random ?? Math.random,
    clock,
    contact: { made: false, isClosed: false },
  }
}

function waysOf(
  { transport, thread = true, connectTimeoutMs }: ConnectionOptions,
  sockets: number,
): Ways {
  if (transport !== undefined) return { hot: transport, calls: transport, isOurs: false }
  const options = { sockets, ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }) }
  return {
    hot: createHotTransport({ ...options, thread }),
    calls: createGotTransport(options),
    isOurs: true,
  }
}

/** Closes what a client opened, for good; a transport that was passed stays its owner's. */
export async function disconnect({
  ways,
  contact,
}: Pick<Exchanger, 'ways' | 'contact'>): Promise<void> {
  contact.isClosed = true
  if (ways.isOurs) await Promise.all([ways.hot.close(), ways.calls.close()])
}

/**
 * One pace for several clients of one workspace: each endpoint's limit is Braze's, whoever asks.
 */
export type SharedPace = Readonly<Record<EndpointGroup, Pace>>

/** Options of `createSharedPace`. */
export interface SharedPaceOptions extends Pick<
  ConnectionOptions,
  'requestsPerSecond' | 'hooks' | 'clock'
> {
  /** This process among others that send to the workspace. Default: it is the only one. */
  readonly member?: RateMember
}

/**
 * A pace to pass to clients and destinations of one workspace, which then keep Braze's rate
 * together.
 */
export function createSharedPace(options: SharedPaceOptions = {}): SharedPace {
  const { requestsPerSecond = null, hooks, clock = systemClock, member } = options
  const paceAt = (group: EndpointGroup, rate: Rate) =>
    createPace({
      ...rate,
      clock,
      onWait: (waitMs) => hooks?.onWait?.({ group, waitMs }),
      ...(member !== undefined && { shared: { ...member, limit: group } }),
    })
  const pace = (group: EndpointGroup) => paceAt(group, RATES[group])
  const trackPace = (group: TrackGroup) =>
    requestsPerSecond === null ? pace(group) : paceAt(group, { requestsPerSecond })
  return {
    track: trackPace('track'),
    bulk: trackPace('bulk'),
    sync: trackPace('sync'),
    users: pace('users'),
    export: pace('export'),
    catalogue: pace('catalogue'),
    cohorts: pace('cohorts'),
    subscription: pace('subscription'),
    migration: pace('migration'),
    default: pace('default'),
  }
}
