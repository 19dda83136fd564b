import { isForeign } from '../answers/index.ts'
import { BrazeError } from '../errors.ts'
import type { Exchanger } from '../exchange/index.ts'
import type { EndpointGroup } from '../limits.ts'
import { callBraze } from './client-call.ts'
import type { CallOptions } from './client-call.ts'

/** Options of `request`. */
export interface RequestOptions extends CallOptions {
  /** Sent as JSON. */
  readonly body?: object
  /** Whose rate limit it counts against. Default `default`, 250,000 an hour. */
  readonly group?: EndpointGroup
  /** Whether it may be repeated after an unknown outcome. Default: GET, PUT and DELETE alone. */
  readonly repeatable?: boolean
}

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number
  readonly body: unknown
  readonly requestId: string | null
  /** Whether it says success, as most of Braze's do. */
  readonly saysSuccess: boolean
}

/** The way to endpoints that have no method here. */
export interface RequestCall {
  /**
   * Calls any endpoint of Braze with this client's key, pace, retries and redaction.
   *
   * @param path - from the host on, with its query: `/catalogs`
   */
  request(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: `/${string}`,
    options?: RequestOptions,
  ): Promise<RawAnswer>
}

const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'PUT', 'DELETE'])

/** See `RequestCall`. */
export function requestCall(shared: Exchanger): RequestCall {
  return {
    async request(
      method,
      path,
      { body, group = 'default', repeatable = REPEATABLE.has(method), signal } = {},
    ) {
      if (!/^\/[\x21-\x7e]*$/u.test(path) || path.startsWith('//'))
        throw new BrazeError(
          'BRAZE_OPTION',
          'The path of a request begins with one / and holds printable ASCII',
        )
      const call = { method, path, group, repeatable, needsMessage: false }
      const answer = await callBraze(shared, {
        ...call,
        signal,
        ...(body === undefined ? {} : { body }),
      })
      return {
        status: answer.status,
        body: answer.body,
        requestId: answer.requestId,
        saysSuccess: !isForeign(answer),
      }
    },
  }
}
