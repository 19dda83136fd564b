import type { Json, JsonObject } from '@engage-sync/core'
import { aliasOf, externalIdOf } from '../identity/index.ts'
import type { Directory } from '../model/index.ts'
import { isObject, isText, listOf } from '../values/index.ts'

/** A user in two requests that were open at once. Braze says nothing of their order, so a sender must not do this. */
export interface Overlap {
  /** How the later request named the user. */
  readonly user: string
  readonly first: number
  readonly second: number
}

const KEPT = 1000
/** Arrays whose members name users as track objects do. */
const ARRAYS = [
  'attributes',
  'events',
  'purchases',
  'user_aliases',
  'aliases_to_identify',
  'emails_to_identify',
  'phone_numbers_to_identify',
]

/** Requests that are not answered yet, by the users they name. */
export class OpenRequests {
  total = 0
  readonly #requests = new Map<string, number>()
  #latest: Overlap[] = []

  /** Opens a request; what it gives closes it. Users of a request that is still open are noted. */
  open(request: number, body: JsonObject, directory: Directory): () => void {
    const keys = keysOf(body, directory)
    const told = new Set<number>()
    for (const [key, user] of keys) {
      const first = this.#requests.get(key)
      if (first === undefined) this.#requests.set(key, request)
      else if (first !== request && !told.has(first)) {
        told.add(first)
        this.#note({ user, first, second: request })
      }
    }
    return () => {
      for (const key of keys.keys()) if (this.#requests.get(key) === request) this.#requests.delete(key)
    }
  }

  /** The latest overlaps, oldest first. */
  latest(): readonly Overlap[] {
    return this.#latest
  }

  #note(overlap: Overlap): void {
    this.total += 1
    this.#latest.push(overlap)
    if (this.#latest.length > KEPT) this.#latest = this.#latest.slice(-KEPT)
  }
}

/** Keys of the users a body names, with how it names them: the identifier, and the profile it finds. */
function keysOf(body: JsonObject, directory: Directory): ReadonlyMap<string, string> {
  const keys = new Map<string, string>()
  for (const array of ARRAYS)
    for (const item of listOf(body, array)) {
      const named = isObject(item) ? nameOf(item, directory) : null
      if (named === null) continue
      keys.set(named.key, named.user)
      if (named.brazeId !== undefined) keys.set(`braze_id:${named.brazeId}`, named.user)
    }
  return keys
}

interface Named {
  readonly key: string
  readonly user: string
  readonly brazeId: string | undefined
}

function nameOf(item: JsonObject, directory: Directory): Named | null {
  const externalId = externalIdOf(item.external_id, true)
  if (externalId !== null) return named('external_id', externalId, directory.byExternalId(externalId)?.brazeId)
  const alias = aliasOf(item.user_alias) ?? aliasOf(item as Json)
  if (alias !== null) return named('user_alias', `${alias.label}:${alias.name}`, directory.byAlias(alias)?.brazeId)
  for (const kind of ['braze_id', 'email', 'phone'] as const) {
    const value = item[kind]
    if (isText(value)) return named(kind, value, undefined)
  }
  return null
}

function named(kind: string, id: string, brazeId: string | undefined): Named {
  return { key: `${kind}:${id}`, user: id, brazeId }
}
