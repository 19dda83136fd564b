import type { Exchanger } from '../exchange/index.ts'
import { callBraze } from './client-call.ts'
import type { CallOptions } from './client-call.ts'

/** What a workspace knows of names. */
export interface CatalogueCalls {
  /** Names of custom events, 250 a page, from page 0. */
  listEvents(page?: number, options?: CallOptions): Promise<readonly string[]>
  /** Custom attributes, 50 a page; `cursor` of the next page, or null. */
  listCustomAttributes(
    cursor?: string | null,
    options?: CallOptions,
  ): Promise<{
    readonly attributes: readonly Readonly<Record<string, unknown>>[]
    readonly cursor: string | null
  }>
}

/** The cursor in the address of the next page. */
const NEXT_PAGE = /<[^>]*[?&]cursor=([^&>]+)[^>]*>;\s*rel="?next"?/

/** The lists of names, 1,000 calls an hour. */
export function catalogueCalls(shared: Exchanger): CatalogueCalls {
  return {
    async listEvents(page = 0, { signal } = {}) {
      const answer = await callBraze(shared, {
        method: 'GET',
        path: `/events/list?page=${page}`,
        group: 'catalogue',
        repeatable: true,
        signal,
      })
      return (answer.body as { events?: readonly string[] }).events ?? []
    },
    async listCustomAttributes(cursor = null, { signal } = {}) {
      const path =
        cursor === null
          ? '/custom_attributes'
          : `/custom_attributes?cursor=${encodeURIComponent(cursor)}`
      const answer = await callBraze(shared, {
        method: 'GET',
        path,
        group: 'catalogue',
        repeatable: true,
        needsMessage: false,
        signal,
      })
      const next = NEXT_PAGE.exec(answer.headers['link'] ?? '')?.[1]
      const { attributes } = answer.body as {
        attributes?: readonly Readonly<Record<string, unknown>>[]
      }
      return {
        attributes: attributes ?? [],
        cursor: next === undefined ? null : decodeURIComponent(next),
      }
    },
  }
}
