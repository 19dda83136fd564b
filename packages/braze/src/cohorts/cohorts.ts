import type { CohortDefinition, Outcome, PackedRequest, Sent } from '@engage-sync/contract'
import { readBody, rejectionOfBody } from '../answers/index.ts'
import { BrazeAuthError, BrazeCohortAuthError } from '../errors.ts'
import { bisect, exchange, Tally } from '../exchange/index.ts'
import type { Exchange, Exchanger } from '../exchange/index.ts'
import { readCohortBody, writeCohortBody } from './cohort-body.ts'
import type { CohortEntry } from './cohort-body.ts'

/** What Braze gives a partner, and a customer gives a partner. Travels in the body of cohort calls. */
export interface CohortKeys {
  /** The partner's name in the path. */
  readonly partner: string
  /** `partner_api_key`, from Braze. */
  readonly partnerApiKey: string
  /** `client_secret`, the customer's Data Import Key; it selects the workspace. */
  readonly clientSecret: string
}

/** Cohort calls of one destination. Refused keys end them for good, and them alone. */
export interface Cohorts {
  /** Path of membership calls; by it a packed request is known to be one. */
  readonly usersPath: string
  /** Creates the cohort, or renames it. */
  prepare(cohort: CohortDefinition, signal: AbortSignal): Promise<Sent>
  deliver(request: PackedRequest, signal: AbortSignal): Promise<Sent>
}

/**
 * The cohort calls of a partner.
 *
 * @see https://www.braze.com/docs/cohort_import/
 */
export function createCohorts(shared: Exchanger, keys: CohortKeys): Cohorts {
  const path = `/partners/${encodeURIComponent(keys.partner)}/cohorts`
  const context = (signal: AbortSignal): Context => ({
    shared,
    keys,
    signal,
    refusal,
    tally: new Tally(),
  })
  const refusal: Refusal = { error: null }
  return {
    usersPath: `${path}/users`,
    async prepare({ id, name, createdAt }, signal) {
      const called = context(signal)
      const result = await call(
        called,
        path,
        Buffer.from(JSON.stringify({ cohort_id: id, name, created_at: createdAt })),
      )
      return called.tally.sent([readAnswer(result) ?? rejected(result)])
    },
    async deliver(request, signal) {
      const called = context(signal)
      return called.tally.sent(await called.tally.telling(deliverParts(called, request)))
    },
  }
}

interface Context {
  readonly shared: Exchanger
  readonly keys: CohortKeys
  readonly signal: AbortSignal
  /** Shared by all calls. */
  readonly refusal: Refusal
  readonly tally: Tally
}

/** What Braze answered to the keys; null while it takes them. */
interface Refusal {
  error: BrazeCohortAuthError | null
}

type Result = Exchange | { readonly kind: 'refused'; readonly error: BrazeCohortAuthError }

const DELIVERED: Outcome = { status: 'delivered' }
/** Messages of a 400 that concern the cohort, not the users. */
const ABOUT_COHORT = /cohort_id|`name`|created_at/

/** The body with the keys. They join it here, so that no packed request ever holds them. */
export function withKeys(
  body: Uint8Array,
  { partnerApiKey, clientSecret }: CohortKeys,
): Uint8Array {
  const keys = JSON.stringify({ partner_api_key: partnerApiKey, client_secret: clientSecret })
  return Buffer.concat([Buffer.from(`${keys.slice(0, -1)},`), body.subarray(1)])
}

async function call(
  { shared, keys, signal, refusal, tally }: Context,
  path: string,
  body: Uint8Array,
): Promise<Result> {
  if (refusal.error !== null) return { kind: 'refused', error: refusal.error }
  try {
    return await tally.count(
      exchange(shared, {
        method: 'POST',
        path,
        body: withKeys(body, keys),
        group: 'cohorts',
        repeatable: true,
        authorised: false,
        signal,
      }),
    )
  } catch (error) {
    if (!(error instanceof BrazeAuthError)) throw error
    refusal.error = new BrazeCohortAuthError(error)
    return { kind: 'refused', error: refusal.error }
  }
}

/** The outcome of all parts, or null when Braze refused something of the call. */
function readAnswer(result: Result): Outcome | null {
  if (result.kind === 'refused')
    return { status: 'failed', reason: result.error.message, error: result.error }
  if (result.kind === 'unknown') return { status: 'failed', reason: result.reason }
  if (result.kind === 'split') return null
  return result.status < 300 && readBody(result.body).errors.length === 0 ? DELIVERED : null
}

function rejected(result: Result): Outcome {
  const isTooLarge = result.kind === 'split'
  if (isTooLarge || result.kind !== 'answer')
    return {
      status: 'rejected',
      rejection: {
        code: 'BRAZE_TOO_LARGE',
        message: 'Braze found the request too large (HTTP 413)',
      },
    }
  return { status: 'rejected', rejection: rejectionOfBody(result.body) }
}

/** Halves what Braze refuses until each refused membership has a reason of its own. Repeating the others changes nothing. */
async function deliverParts(context: Context, request: PackedRequest): Promise<readonly Outcome[]> {
  const { cohortId, entries } = readCohortBody(request.body)
  const ask = async (some: readonly CohortEntry[]) => {
    const body = some.length === entries.length ? request.body : writeCohortBody(cohortId, some)
    const result = await call(context, request.path, body)
    const isAboutCohort =
      result.kind === 'answer' && ABOUT_COHORT.test(readBody(result.body).message)
    const isFinal = some.length === 1 || isAboutCohort
    const outcome = readAnswer(result) ?? (isFinal ? rejected(result) : null)
    return some.map(() => outcome)
  }
  return bisect([entries], { ask, repeatable: true })
}
