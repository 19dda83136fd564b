import type { Json, JsonObject } from '@engage-sync/contract'
import type { NormalisedCase } from '../model/case.ts'
import type { CaseEventConfig } from '../schema/cases.ts'
import { readEvent } from './seen-event.ts'

/** Every value a file of cases holds, by computation, and the times at which they are looked at. */
export class CaseValues {
  /** `now` of each case. */
  readonly nows: readonly number[]
  readonly #values = new Map<string, Json[]>()
  /** By computation: the cases, by index, that hold a value of it. */
  readonly #holders = new Map<string, Set<number>>()
  #current = 0

  constructor(cases: readonly NormalisedCase[]) {
    this.nows = cases.map(({ nowMs }) => nowMs)
    cases.forEach((testCase, index) => {
      this.#current = index
      for (const profile of testCase.profiles.values()) this.#addAll(profile)
      for (const event of testCase.events) this.#addEvent(event)
    })
  }

  /** All values of a computation, in the order of the file. */
  of(kind: string, key: string): readonly Json[] {
    return this.#values.get(`${kind} ${key}`) ?? []
  }

  /** Whether some case holds no value of a computation, so that its absence is looked at. */
  isSometimesAbsent(kind: string, key: string): boolean {
    return (this.#holders.get(`${kind} ${key}`)?.size ?? 0) < this.nows.length
  }

  #addEvent(event: CaseEventConfig): void {
    if (!('raw' in event)) {
      this.#addAll({ traits: event.trait, audiences: event.audience, enrichment: event.enrichment })
      return
    }
    const seen = readEvent(event.raw as Json)
    if (seen === null) return
    const { key, body, isAudience } = seen
    if (Object.hasOwn(body, key)) {
      this.#add(isAudience ? 'audience' : 'trait', { [key]: body[key] })
      this.#add('enrichment', body)
    } else this.#add('trait', body)
  }

  #addAll(values: {
    readonly traits?: unknown
    readonly audiences?: unknown
    readonly enrichment?: unknown
  }): void {
    this.#add('trait', values.traits)
    this.#add('audience', values.audiences)
    this.#add('enrichment', values.enrichment)
  }

  #add(kind: string, values: unknown): void {
    for (const [key, value] of Object.entries((values ?? {}) as JsonObject)) {
      const name = `${kind} ${key}`
      this.#values.set(name, [...(this.#values.get(name) ?? []), value])
      this.#holders.set(name, (this.#holders.get(name) ?? new Set()).add(this.#current))
    }
  }
}
