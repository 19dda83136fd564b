import { SyncError } from '@engage-sync/core'
import type { CohortDefinition, Outcome, PackedRequest, RequestPart, Sent } from '@engage-sync/core'
import { readBody, rejectionOfBody } from '../answers/index.ts'
import { BrazeAuthError } from '../errors.ts'
import { exchange } from '../exchange/index.ts'
import type { Exchange, Exchanger } from '../exchange/index.ts'
import { readCohortBody, writeCohortBody } from './cohort-body.ts'

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
  const context = (signal: AbortSignal): Context => ({ shared, keys, signal, refusal, tally: { requests: 0, retries: 0 } })
  const refusal = { isRefused: false }
  return {
    usersPath: `${path}/users`,
    async prepare({ id, name, createdAt }, signal) {
      const called = context(signal)
      const result = await call(called, path, Buffer.from(JSON.stringify({ cohort_id: id, name, created_at: createdAt })))
      return { outcomes: [readAnswer(result) ?? rejected(result)], ...called.tally }
    },
    async deliver(request, signal) {
      const called = context(signal)
      return { outcomes: await deliverPiece(called, request), ...called.tally }
    },
  }
}

interface Context {
  readonly shared: Exchanger
  readonly keys: CohortKeys
  readonly signal: AbortSignal
  /** Shared by all calls. */
  readonly refusal: { isRefused: boolean }
  readonly tally: { requests: number; retries: number }
}

type Piece = Pick<PackedRequest, 'path' | 'parts' | 'body'>
type Result = Exchange | { readonly kind: 'refused' }

const DELIVERED: Outcome = { status: 'delivered' }
const REFUSED: Outcome = { status: 'failed', reason: 'Braze refused the cohort keys' }
/** Messages of a 400 that concern the cohort, not the users. */
const ABOUT_COHORT = /cohort_id|`name`|created_at/

/** The body with the keys. They join it here, so that no packed request ever holds them. */
export function withKeys(body: Uint8Array, { partnerApiKey, clientSecret }: CohortKeys): Uint8Array {
  const keys = JSON.stringify({ partner_api_key: partnerApiKey, client_secret: clientSecret })
  return Buffer.concat([Buffer.from(`${keys.slice(0, -1)},`), body.subarray(1)])
}

async function call({ shared, keys, signal, refusal, tally }: Context, path: string, body: Uint8Array): Promise<Result> {
  if (refusal.isRefused) return { kind: 'refused' }
  try {
    const result = await exchange(shared, {
      method: 'POST',
      path,
      body: withKeys(body, keys),
      group: 'cohorts',
      repeatable: true,
      authorised: false,
      signal,
    })
    tally.requests += result.tries
    tally.retries += result.tries - 1
    return result
  } catch (error) {
    if (!(error instanceof BrazeAuthError)) throw error
    refusal.isRefused = true
    tally.requests++
    return { kind: 'refused' }
  }
}

/** The outcome of all parts, or null when Braze refused something of the call. */
function readAnswer(result: Result): Outcome | null {
  if (result.kind === 'refused') return REFUSED
  if (result.kind === 'unknown') return { status: 'failed', reason: result.reason }
  if (result.kind === 'split') return null
  return result.status < 300 && readBody(result.body).errors.length === 0 ? DELIVERED : null
}

function rejected(result: Result): Outcome {
  const isTooLarge = result.kind === 'split'
  if (isTooLarge || result.kind !== 'answer')
    return { status: 'rejected', rejection: { code: 'BRAZE_TOO_LARGE', message: 'Braze found the request too large (HTTP 413)' } }
  return { status: 'rejected', rejection: rejectionOfBody(result.body) }
}

/** Halves what Braze refuses until each refused membership has a reason of its own. Repeating the others changes nothing. */
async function deliverPiece(context: Context, piece: Piece): Promise<readonly Outcome[]> {
  const result = await call(context, piece.path, piece.body)
  const outcome = readAnswer(result)
  if (outcome !== null) return piece.parts.map(() => outcome)
  const isAboutCohort = result.kind === 'answer' && ABOUT_COHORT.test(readBody(result.body).message)
  if (piece.parts.length <= 1 || isAboutCohort) return piece.parts.map(() => rejected(result))
  const half = Math.ceil(piece.parts.length / 2)
  const first = await deliverPiece(context, slice(piece, 0, half))
  return [...first, ...(await deliverRest(context, slice(piece, half, piece.parts.length)))]
}

async function deliverRest(context: Context, piece: Piece): Promise<readonly Outcome[]> {
  try {
    return await deliverPiece(context, piece)
  } catch (error) {
    const reason = error instanceof SyncError ? error.message : 'stopped'
    return piece.parts.map(() => ({ status: 'failed', reason }))
  }
}

function slice({ path, parts, body }: Piece, from: number, to: number): Piece {
  const { cohortId, entries } = readCohortBody(body)
  const some: readonly RequestPart[] = parts.slice(from, to)
  return { path, parts: some, body: writeCohortBody(cohortId, entries.slice(from, to)) }
}
