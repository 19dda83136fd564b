import type { CommitGroup, Json, StateStore } from '@engage-sync/core'
import { unreadable } from '../format/errors.ts'

/** What a commit writes of one value; a value of null takes it away. */
export type StoredValue = NonNullable<CommitGroup['values']>[number]

/** How a value is written as JSON, and read again. */
export interface Codec<T> {
  /** Null takes the value away. */
  encode(value: T): Json
  /** Undefined where the JSON is not what `encode` writes. */
  decode(stored: Json): T | undefined
}

/** One value of a state, under a key of its own. */
export class NamedValue<T> {
  readonly key: string
  readonly #codec: Codec<T>
  readonly #absent: T

  /** @param absent - what it is in a state that does not hold it */
  constructor(key: string, codec: Codec<T>, absent: T) {
    this.key = key
    this.#codec = codec
    this.#absent = absent
  }

  /** @throws {StateError} `STATE_UNREADABLE` for one that is not what was written */
  async read(store: Pick<StateStore, 'values'>): Promise<T> {
    return this.of((await store.values(this.key)).get(this.key) ?? null)
  }

  /** What was written; null for nothing. @throws {StateError} `STATE_UNREADABLE` as `read` */
  of(stored: Json | null): T {
    return stored === null ? this.#absent : decoded(this.#codec, stored, this.key)
  }

  /** What a commit writes. */
  stored(value: T): StoredValue {
    return { key: this.key, value: this.#codec.encode(value) }
  }

  /** What a commit writes to take it away. */
  get cleared(): StoredValue {
    return { key: this.key, value: null }
  }
}

/** Values of one kind, each under the prefix of the kind and an id. */
export class NamedValues<T> {
  readonly #prefix: string
  readonly #codec: Codec<T>

  constructor(prefix: string, codec: Codec<T>) {
    this.#prefix = prefix
    this.#codec = codec
  }

  /**
   * All of them by id. @throws {StateError} `STATE_UNREADABLE` for one that is not what was written
   */
  async readAll(store: Pick<StateStore, 'values'>): Promise<Map<string, T>> {
    const stored = [...(await store.values(this.#prefix))]
    return new Map(
      stored.map(([key, value]) => [
        key.slice(this.#prefix.length),
        decoded(this.#codec, value, key),
      ]),
    )
  }

  /** What a commit writes for an id. */
  stored(id: string, value: T): StoredValue {
    return { key: this.#prefix + id, value: this.#codec.encode(value) }
  }

  /** What a commit writes to take the one of an id away. */
  cleared(id: string): StoredValue {
    return { key: this.#prefix + id, value: null }
  }
}

function decoded<T>({ decode }: Codec<T>, stored: Json, key: string): T {
  const value = decode(stored)
  if (value === undefined) throw unreadable(`its value ${key} is no longer what was written`)
  return value
}
