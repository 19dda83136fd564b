import type { Json, JsonObject } from '@engage-sync/contract'
import type { Points } from '../model/index.ts'

/** One request as it can be inspected. No keys, no secrets. */
export interface RequestRecord {
  readonly request: number
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly method: string
  readonly path: string
  status: number
  /** Objects of each array, as sent. */
  readonly attributes: number
  readonly events: number
  readonly purchases: number
  /** Entries of `errors`. */
  errors: number
  /** Kinds of the faults that hit it. */
  faults: readonly string[]
  /** Data points, once it is written. */
  points: Points | null
  isApplied: boolean
  readonly userAgent: string | null
  /** What the answer says in `x-request-id`. */
  readonly requestId: string | null
  body: Json
}

const SECRETS = new Set(['partner_api_key', 'client_secret', 'api_key'])

/** A body without its secrets. */
export function withoutSecrets(body: JsonObject): JsonObject {
  const members = Object.entries(body)
  if (!members.some(([key]) => SECRETS.has(key))) return body
  return Object.fromEntries(
    members.map(([key, value]) => [key, SECRETS.has(key) ? '[redacted]' : value]),
  )
}

/** The latest requests, and exact counts of all. */
export class RequestLog {
  readonly counts = new Map<string, number>()
  readonly objects = { attributes: 0, events: 0, purchases: 0 }
  total = 0
  readonly #records = new Map<number, RequestRecord>()

  /** Counts a finished request by path and status. */
  count(path: string, status: number): void {
    const key = `${path} ${status}`
    this.total += 1
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
  }

  add(record: RequestRecord, keep: number): void {
    if (keep === 0) return
    this.#records.set(record.request, record)
    if (this.#records.size <= keep) return
    const oldest = this.#records.keys().next()
    if (oldest.done !== true) this.#records.delete(oldest.value)
  }

  get(request: number): RequestRecord | undefined {
    return this.#records.get(request)
  }

  /** Oldest first. */
  list(): readonly RequestRecord[] {
    return [...this.#records.values()]
  }
}
