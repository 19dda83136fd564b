import type {
  CohortMember,
  Destination,
  DestinationLimits,
  Outcome,
  PackedRequest,
  RetryToCome,
  Sent,
} from '@engage-sync/contract'
import { createCohorts, packCohort } from '../cohorts/index.ts'
import type { CohortKeys } from '../cohorts/index.ts'
import { deliverTrack } from '../delivery/index.ts'
import { connect, DEFAULT_CONCURRENCY, DESTINATION_OPTIONS, disconnect } from '../exchange/index.ts'
import type { ConnectionOptions } from '../exchange/index.ts'
import type { RequestTold, RetryTold, WaitTold } from '../hooks/index.ts'
import { LIMITS, RATES } from '../limits.ts'
import { createPacker, newPackingState, trackGroup } from '../packing/index.ts'
import type { BatchMode } from '../packing/index.ts'
import { deleteUsers, exportList, exportUsers, identify, merge } from '../users/index.ts'
import { check } from './check.ts'

/** Options of `createBrazeDestination`. */
export interface BrazeDestinationOptions extends ConnectionOptions {
  /**
   * How objects are counted; the contract decides, only the dashboard tells. Default `combined`.
   */
  readonly batch?: BatchMode
  /**
   * Least time between two requests that depend on each other for one user, milliseconds. Default
   * 5,000.
   */
  readonly settleMs?: number
  /**
   * How long after a request an export that lacks its events says that it was not applied,
   * milliseconds. Default 60,000.
   */
  readonly verifyAfterMs?: number
  /** The caller's own partner name and keys. Null: no cohorts. Default null. */
  readonly cohorts?: CohortKeys | null
}

const DEFAULT_SETTLE_MS = 5000
/**
 * An assumption on the safe side: Braze says that processing is asynchronous, and not how long it
 * may take.
 */
const DEFAULT_VERIFY_AFTER_MS = 60_000
const DESTINATION_LIMITS: DestinationLimits = {
  usersPerExport: LIMITS.idsPerRequest,
  usersPerDeletion: LIMITS.idsPerRequest,
  pairsPerRequest: LIMITS.idsPerRequest,
  membersPerCohortRequest: LIMITS.cohortIds,
}
/** Where memberships would go if there were keys. Nothing is ever sent there. */
const NO_PARTNER_PATH = '/partners//cohorts/users'
const NO_KEYS: Outcome = { status: 'failed', reason: 'no cohort keys are configured' }

/** Its wait is told of by `onWait`. */
const RATE_LIMITED = 'HTTP 429'

/** Shorter waits are nobody's concern, milliseconds. */
const LEAST_TOLD_MS = 1000

function isToTell({ reason, waitMs }: RetryToCome): boolean {
  return reason !== RATE_LIMITED && waitMs >= LEAST_TOLD_MS
}

/**
 * Braze as a place updates go to.
 *
 * Shape: see the contract of core's `Destination`. Opens no connection before the first request.
 *
 * @throws {BrazeError} `BRAZE_ENDPOINT`, `BRAZE_OPTION`
 */
export function createBrazeDestination(options: BrazeDestinationOptions): Destination {
  const { batch = 'combined', cohorts: keys = null } = options
  let listener: (waitMs: number) => void = () => undefined
  const onWait = (told: WaitTold) => {
    options.hooks?.onWait?.(told)
    listener(told.waitMs)
  }
  let retryListener: (told: RetryToCome) => void = () => undefined
  const onRetry = (told: RetryTold) => {
    options.hooks?.onRetry?.(told)
    if (isToTell(told)) retryListener({ reason: told.reason, waitMs: told.waitMs })
  }
  let mayLeave: () => Promise<void> = async () => undefined
  const beforeRequest = async (told: RequestTold) => {
    await options.hooks?.beforeRequest?.(told)
    await mayLeave()
  }
  const shared = connect(
    { ...options, hooks: { ...options.hooks, onWait, onRetry, beforeRequest } },
    DESTINATION_OPTIONS,
  )
  const group = trackGroup(batch)
  const packing = newPackingState()
  const cohorts = keys === null ? null : createCohorts(shared, keys)
  return {
    name: 'braze',
    settleMs: options.settleMs ?? DEFAULT_SETTLE_MS,
    verifyAfterMs: options.verifyAfterMs ?? DEFAULT_VERIFY_AFTER_MS,
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
    requestsPerSecond: options.requestsPerSecond ?? RATES[group].requestsPerSecond,
    limits: DESTINATION_LIMITS,
    createPacker: () => createPacker(batch, packing),
    ready: () => shared.paces[group].ready(),
    async send(request, signal) {
      try {
        if (request.path === NO_PARTNER_PATH) return withoutKeys(request.parts.length)
        if (request.path === cohorts?.usersPath) return await cohorts.deliver(request, signal)
        return await deliverTrack(shared, request, { group, signal })
      } finally {
        packing.inFlight.answered(request.id)
      }
    },
    prepareCohort: async (cohort, signal) =>
      cohorts === null ? withoutKeys(1) : cohorts.prepare(cohort, signal),
    packCohort(cohortId: string, members: readonly CohortMember[]): readonly PackedRequest[] {
      const path = cohorts?.usersPath ?? NO_PARTNER_PATH
      return packCohort(cohortId, members, { path, nextId: () => packing.nextId++ })
    },
    identify: (pairs, signal) => identify(shared, pairs, signal),
    merge: (pairs, signal) => merge(shared, pairs, signal),
    deleteUsers: (users, signal) => deleteUsers(shared, users, signal),
    exportUsers: (users, fields, signal) => exportUsers(shared, users, { fields, signal }),
    exportList: (list, fields, signal) => exportList(shared, list, { fields, signal }),
    check: (signal) => check(shared, keys, signal),
    beforeRequest: (asked) => void (mayLeave = asked),
    onWait: (told) => void (listener = told),
    onRetry: (told) => void (retryListener = told),
    close: () => disconnect(shared),
  }
}

function withoutKeys(parts: number): Sent {
  return { outcomes: Array.from({ length: parts }, () => NO_KEYS), requests: 0, retries: 0 }
}
