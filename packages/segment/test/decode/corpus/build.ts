import type { DecodeOptions } from '../../../src/decode/record/decode.ts'

/** What a payload must decode to, in short form. */
export type Expected =
  /** `kind key = value`, in order; the user as `userId`, `anonymousId`, `email`. */
  | {
      readonly changes: readonly (readonly [kind: string, key: string, value: unknown])[]
      readonly user?: string
      readonly time?: number
      readonly ids?: Readonly<Record<string, string>>
    }
  | { readonly deleted: string }
  | { readonly skipped: string }
  | { readonly rejected: string }

/** A payload, and what it says. */
export interface CorpusCase {
  readonly name: string
  readonly payload: unknown
  readonly expected: Expected
  readonly options?: DecodeOptions
}

/** The event time of every payload that does not say otherwise. */
export const TIME = Date.UTC(2026, 0, 5, 10, 0, 0, 123)

const SPACE = 'spa_0000000000000000000001'

/** Parts of a payload; `undefined` leaves a member out. */
export interface Parts {
  readonly type?: unknown
  readonly class?: unknown
  readonly key?: unknown
  readonly personas?: unknown
  readonly context?: object
  readonly body?: unknown
  readonly top?: object
}

/** A payload in the documented envelope. */
export function call({
  type = 'identify',
  class: named,
  key,
  personas,
  context,
  body,
  top,
}: Parts): Record<string, unknown> {
  const block = personas ?? {
    computation_class: named,
    computation_id: 'aud_000000000000000000000000001',
    computation_key: key,
    namespace: SPACE,
    space_id: SPACE,
  }
  return {
    type,
    userId: 'u_1',
    messageId: 'personas_000000000000000000000000001',
    originalTimestamp: '2026-01-05T10:00:00.123456789Z',
    timestamp: '2026-01-05T10:00:00.123Z',
    sentAt: null,
    receivedAt: '2026-01-05T10:00:09.000Z',
    context: {
      integrations: { personas: false },
      library: { name: 'unknown', version: 'unknown' },
      ...(personas === null ? {} : { personas: block }),
      ...context,
    },
    integrations: { All: false, Warehouses: { all: false } },
    [type === 'track' ? 'properties' : 'traits']: body,
    writeKey: 'example',
    ...top,
  }
}

/** An object with members that literals cannot hold, as JSON.parse makes it. */
export function parsed(text: string): unknown {
  return JSON.parse(text) as unknown
}
