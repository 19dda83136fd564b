import type { Json, JsonObject } from '@engage-sync/contract'
import type { Engine } from '../engine/index.ts'
import type { Work } from '../model/index.ts'
import type { Fault, RateGroup } from '../traffic/index.ts'

/** What an endpoint says to a request, and what is to be written. */
export interface Reply {
  readonly status: number
  readonly body: Json
  /** Beside those of every answer. */
  readonly headers?: Readonly<Record<string, string>>
  readonly work?: Work
  /** Write before answering, and answer with what this gives. */
  readonly afterWrite?: () => Json
}

/** What an endpoint sees of a request. */
export interface Call {
  readonly engine: Engine
  readonly query: URLSearchParams
  /** Address it was sent to, without the question: `http://127.0.0.1:4310/events`. */
  readonly url: string
  /** Partial errors on demand. */
  readonly faults: readonly Fault[]
}

/** One endpoint of the REST API. */
export interface Endpoint {
  readonly method: 'GET' | 'POST'
  readonly permission: string
  readonly group: RateGroup
  readonly handle: (body: JsonObject, call: Call) => Reply
}
