import type { IdentityRule, JsonObject, RowDecoder, UserRef } from '@engage-sync/contract'
import { rawUser } from '../model/case-users.ts'

/**
 * Which Braze user each user of a case became, and back.
 *
 * A case names users as Engage does (`userId`, else `anonymousId`); the identity rule of the sync
 * may find them by another identifier.
 */
export class UserNames {
  readonly #decoder: RowDecoder
  readonly #label: string | null
  readonly #names = new Map<string, string>()
  readonly #refs = new Map<string, UserRef>()
  readonly #users = new Set<string>()

  constructor(decoder: RowDecoder, identity: IdentityRule) {
    this.#decoder = decoder
    this.#label = identity.alias?.label ?? null
  }

  /** Users of the records, in order. */
  get users(): readonly string[] {
    return [...this.#users]
  }

  /** Learns from one record. */
  add(record: JsonObject): void {
    const name = this.ownerOf(record)
    if (name === null) return
    this.#users.add(name)
    const ref = this.#refIn(record)
    if (ref === null) return
    if (!this.#names.has(textOf(ref))) this.#names.set(textOf(ref), name)
    if (!this.#refs.has(name)) this.#refs.set(name, ref)
  }

  /** The user of a record as the case names it, or null when it says none. */
  ownerOf(record: JsonObject): string | null {
    return rawUser(record)
  }

  /** The case's name of a Braze user. */
  nameOf(ref: UserRef): string {
    return this.#names.get(textOf(ref)) ?? ('alias' in ref ? ref.alias.name : ref.externalId)
  }

  /** The Braze user of a name. */
  refOf(name: string): UserRef {
    return this.#refs.get(name) ?? { externalId: name }
  }

  #refIn(record: JsonObject): UserRef | null {
    const bytes = new TextEncoder().encode(JSON.stringify(record))
    const row = this.#decoder.decode(bytes, 0, bytes.length)
    if (row.status !== 'changes') return null
    // The one identity of the sync; -1 where the record lacks it.
    const text = ([start = -1]: Int32Array, [end]: Int32Array) =>
      start < 0 ? null : new TextDecoder().decode(row.bytes.subarray(start, end))
    const externalId = text(row.externalIdStart, row.externalIdEnd)
    if (externalId !== null) return { externalId }
    const name = text(row.aliasStart, row.aliasEnd)
    return name === null || this.#label === null ? null : { alias: { name, label: this.#label } }
  }
}

function textOf(ref: UserRef): string {
  return 'alias' in ref ? `${ref.alias.label}\u0000${ref.alias.name}` : ref.externalId
}
