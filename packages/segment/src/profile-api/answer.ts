import { isJsonObject, own } from '@engage-sync/contract'
import type { Json, JsonObject } from '@engage-sync/contract'
import {
  safeCode,
  SourceAnswerError,
  SourceAuthError,
  SourceRequestError,
  SourceUnavailableError,
} from '../remote/index.ts'
import type { HttpAnswer, RemotePlace } from '../remote/index.ts'

/** Where the Profile API says how far it got. */
export interface Page {
  readonly body: JsonObject
  /** Cursor of the next page, or null after the last. */
  readonly next: string | null
}

/**
 * What an answer of the Profile API means.
 *
 * Shape: the body of a 200; null for a profile that does not exist; anything else is thrown.
 *
 * @throws {SourceAuthError} `SOURCE_AUTH` for 401 and 403
 * @throws {SourceUnavailableError} `SOURCE_UNAVAILABLE` for 408, 429 and 5xx, which were tried
 *   again before
 * @throws {SourceRequestError} `SOURCE_REQUEST` for other refusals
 * @throws {SourceAnswerError} `SOURCE_ANSWER` for a body that is no JSON object
 * @see https://www.twilio.com/docs/segment/unify/profile-api/#errors
 */
export function readAnswer(answer: HttpAnswer, place: RemotePlace): JsonObject | null {
  if (answer.status === 200) return objectOr(answer.body, place)
  const code = errorCode(answer.body)
  const reason = `HTTP ${answer.status}${code === '' ? '' : ` ${code}`}${requestId(answer)}`
  if (answer.status === 404 && code === 'not_found') return null
  if (answer.status === 401 || answer.status === 403) {
    throw new SourceAuthError(
      place,
      reason,
      'Check segment.profile_api_token, segment.space_id and segment.region; the token belongs to one space.',
    )
  }
  if (answer.status === 408 || answer.status === 429 || answer.status >= 500) {
    throw new SourceUnavailableError(place, reason, { status: answer.status })
  }
  const hint = answer.status === 404 ? 'Check segment.space_id and segment.region.' : undefined
  throw new SourceRequestError(place, reason, { hint, status: answer.status })
}

/** The cursor of a paged answer. */
export function readPage(body: JsonObject): Page {
  const cursor = own(body, 'cursor')
  if (!isJsonObject(cursor) || own(cursor, 'has_more') !== true) return { body, next: null }
  const next = own(cursor, 'next')
  return { body, next: typeof next === 'string' && next !== '' ? next : null }
}

function objectOr(body: Json | undefined, place: RemotePlace): JsonObject {
  if (isJsonObject(body)) return body
  throw new SourceAnswerError(place, 'a JSON object')
}

function errorCode(body: Json | undefined): string {
  const error = isJsonObject(body) ? own(body, 'error') : undefined
  return isJsonObject(error) ? safeCode(own(error, 'code')) : ''
}

function requestId(answer: HttpAnswer): string {
  const id = safeCode(answer.headers.get('request-id'))
  return id === '' ? '' : `, request ${id}`
}
