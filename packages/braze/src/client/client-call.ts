import { isForeign, readBody, rejectionOf, rejectionOfBody } from '../answers/index.ts'
import type { CallResult } from '../api/index.ts'
import {
  BrazeError,
  BrazeRejectedError,
  NoSuccessError,
  BrazeUnknownOutcomeError,
} from '../errors.ts'
import type { RefusedObject } from '../errors.ts'
import { exchange, pathOf } from '../exchange/index.ts'
import type { Answer, Call, Exchanger } from '../exchange/index.ts'
import type { HttpMethod } from '../transport/index.ts'
import { jsonBody } from './json-body.ts'

/** Options of every call. */
export interface CallOptions {
  readonly signal?: AbortSignal
}

/** A call of the client. */
export interface ClientCall {
  readonly method?: HttpMethod
  readonly path: string
  readonly group: Call['group']
  /** Absent for GET. */
  readonly body?: object | Uint8Array
  readonly repeatable: boolean
  readonly authorised?: boolean
  readonly signal?: AbortSignal
  /** Whether a success has to say so; some endpoints document no message. Default true. */
  readonly needsMessage?: boolean
  /** How many objects it holds, where a refusal that names them all is a value, not an error. */
  readonly objects?: number
}

/**
 * Makes one call and gives the answer to a success, even a partial one.
 *
 * @throws {BrazeRejectedError} 400, 413
 * @throws {NoSuccessError} a success that does not say so
 * @throws {BrazeUnknownOutcomeError} it may have been applied
 * @throws {BrazeError} as `exchange`
 */
export async function callBraze(shared: Exchanger, call: ClientCall): Promise<Answer> {
  const { method = 'POST', path, group, body, repeatable, authorised, signal } = call
  const bytes = body === undefined ? null : body instanceof Uint8Array ? body : jsonBody(body)
  const result = await exchange(shared, {
    method,
    path,
    group,
    body: bytes,
    repeatable,
    authorised: authorised ?? true,
    ...(signal === undefined ? {} : { signal }),
  })
  const place = pathOf(call)
  if (result.kind === 'unknown') {
    signal?.throwIfAborted()
    throw new BrazeUnknownOutcomeError(place, result.reason, repeatable)
  }
  if (result.kind === 'split')
    throw new BrazeRejectedError(place, {
      code: 'BRAZE_TOO_LARGE',
      message: 'Braze found the request too large',
      status: 413,
      requestId: null,
    })
  const { status, requestId } = result
  if (status >= 300) {
    const { refused } = resultOf(result)
    if (call.objects !== undefined && refusesAll(refused, call.objects)) return result
    throw new BrazeRejectedError(place, {
      ...rejectionOfBody(result.body),
      status,
      requestId,
      refused,
    })
  }
  if (call.needsMessage !== false && isForeign(result)) throw new NoSuccessError(place, result)
  return result
}

/** Whether each object is named; Braze answers 400 when it takes none of them. */
function refusesAll(refused: readonly RefusedObject[], objects: number): boolean {
  const named = refused.filter(({ index }) => index !== null)
  return (
    named.length > 0 &&
    new Set(named.map(({ array, index }) => `${array} ${index}`)).size >= objects
  )
}

/** The objects a success refuses, and Braze's id of the request. */
export function resultOf({ body, requestId }: Answer): CallResult {
  const refused = readBody(body).errors.map(({ text, array, index }) => ({
    ...rejectionOf(text),
    array,
    index,
  }))
  return { refused, requestId }
}

/**
 * Refuses more than Braze takes at once, before anything is sent.
 *
 * @throws {BrazeError} `BRAZE_LIMIT`
 */
export function atMost(limit: number, count: number, what: string): void {
  if (count <= limit) return
  throw new BrazeError('BRAZE_LIMIT', `One request holds at most ${limit} ${what}, not ${count}`, {
    hint: 'Send them in several requests.',
  })
}
