import { rejectionOfBody } from '../answers/index.ts'
import { BrazeRejectedError, BrazeUnknownOutcomeError } from '../errors.ts'
import { exchange } from '../exchange/index.ts'
import type { Answer, Call, Exchanger } from '../exchange/index.ts'

/** A question about users: it changes nothing. */
interface Question extends Pick<Call, 'path' | 'group' | 'repeatable'> {
  readonly body: object
  readonly signal: AbortSignal
}

/**
 * Asks something of users; gives the answer to a success.
 *
 * @throws {BrazeRejectedError} Braze refused the request
 * @throws {BrazeUnknownOutcomeError} there was no answer
 */
export async function askUsers(
  shared: Exchanger,
  { body, signal, ...call }: Question,
): Promise<Answer> {
  const bytes = Buffer.from(JSON.stringify(body))
  const result = await exchange(shared, { ...call, method: 'POST', body: bytes, signal })
  signal.throwIfAborted()
  if (result.kind === 'unknown') throw new BrazeUnknownOutcomeError(call.path, result.reason)
  if (result.kind === 'answer' && result.status < 300) return result
  const rejection =
    result.kind === 'split'
      ? { code: 'BRAZE_TOO_LARGE' as const, message: 'the request is too large' }
      : rejectionOfBody(result.body)
  throw new BrazeRejectedError(call.path, {
    ...rejection,
    status: result.kind === 'split' ? 413 : result.status,
    requestId: null,
  })
}
