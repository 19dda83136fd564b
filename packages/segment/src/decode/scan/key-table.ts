import type { WantedKey } from '@engage-sync/contract'
import { KEY_MEMBERS, SQL_IDENTIFIERS } from '../record/index.ts'
import { WantedKeys } from '../row/index.ts'

const BUCKETS = 1024
/** Names beyond this many are not kept: a source of ever new keys must not fill the memory. */
const MAX_NAMES = 8192
const NONE: readonly number[] = []

/** What is known of one name. */
export interface KnownName {
  readonly text: string
  readonly bytes: Uint8Array
  /** Indexes into the plan's keys. */
  readonly trait: readonly number[]
  readonly audience: readonly number[]
  readonly enrichment: readonly number[]
  /** A column that tells the user of a SQL trait's row. */
  readonly isSqlIdentifier: boolean
}

/** Finds names by their bytes, those of the plan and those met before, without making strings. */
export class KeyTable {
  readonly #wanted: WantedKeys
  readonly #buckets: KnownName[][] = Array.from({ length: BUCKETS }, () => [])
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  /** Whether the plan wants any enrichment at all. */
  readonly hasEnrichment: boolean
  #size = 0

  constructor(keys: readonly WantedKey[]) {
    this.#wanted = new WantedKeys(keys)
    this.hasEnrichment = keys.some(({ kind }) => kind === 'enrichment')
    const encoder = new TextEncoder()
    for (const name of new Set(keys.map(({ key }) => key))) {
      const bytes = encoder.encode(name)
      this.#keep(this.#describe(name, bytes), bytes.length)
    }
  }

  /** What is known of a name; a new one is learned. The bytes are valid UTF-8 without escapes. */
  find(bytes: Uint8Array, start: number, end: number): KnownName {
    return this.lookUp(bytes, start, end) ?? this.#learn(bytes, start, end)
  }

  /** What is known of a name, or null. */
  lookUp(bytes: Uint8Array, start: number, end: number): KnownName | null {
    const bucket = this.#buckets[bucketOf(bytes, start, end)]
    for (let index = 0; index < bucket.length; index++) {
      if (isSame(bucket[index].bytes, bytes, start, end)) return bucket[index]
    }
    return null
  }

  #learn(bytes: Uint8Array, start: number, end: number): KnownName {
    const copy = new Uint8Array(bytes.subarray(start, end))
    const known = this.#describe(this.#decoder.decode(copy), copy)
    if (this.#size < MAX_NAMES) this.#keep(known, copy.length)
    return known
  }

  #keep(known: KnownName, length: number): void {
    this.#size++
    this.#buckets[bucketOf(known.bytes, 0, length)].push(known)
  }

  #describe(text: string, bytes: Uint8Array): KnownName {
    return {
      text,
      bytes,
      trait: this.#wanted.of('trait', text) ?? NONE,
      audience: this.#wanted.of('audience', text) ?? NONE,
      enrichment: KEY_MEMBERS.has(text) ? NONE : (this.#wanted.of('enrichment', text) ?? NONE),
      isSqlIdentifier: SQL_IDENTIFIERS.has(text),
    }
  }
}

/** Cheap and good enough for names: length, first, middle and last byte. */
function bucketOf(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0
  const length = end - start
  return (
    (length * 131 + bytes[start] * 7 + bytes[start + (length >> 1)] * 31 + bytes[end - 1] * 89) &
    (BUCKETS - 1)
  )
}

function isSame(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false
  for (let index = 0; index < name.length; index++) {
    if (name[index] !== bytes[start + index]) return false
  }
  return true
}
