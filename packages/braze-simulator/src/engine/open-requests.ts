import type { Json, JsonObject } from '@engage-sync/contract'
import { aliasOf, externalIdOf } from '../identity/index.ts'
import type { Directory } from '../model/index.ts'
import { isObject, isText, listOf } from '../values/index.ts'

/**
 * Two requests that were open at once and have users in common, one of them named. Braze says
 * nothing of their order, so a sender must not do this.
 */
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

interface OpenRequest {
  readonly body: JsonObject
  /**
   * Keys of its users with how it names them; read once another request is open too, since most
   * never meet one.
   */
  keys: ReadonlyMap<string, string> | null
}

/** Requests that are not answered yet, and the users they had in common. */
export class OpenRequests {
  total = 0
  readonly #requests = new Map<number, OpenRequest>()
  #latest: Overlap[] = []

  /** Opens a request; what it gives closes it. Users of a request that is still open are noted. */
  open(request: number, body: JsonObject, directory: Directory): () => void {
    const opened: OpenRequest = { body, keys: null }
    for (const [first, other] of this.#requests) {
      opened.keys ??= keysOf(body, directory)
      other.keys ??= keysOf(other.body, directory)
      for (const [key, user] of opened.keys) {
        if (!other.keys.has(key)) continue
        this.#note({ user, first, second: request })
        break
      }
    }
    this.#requests.set(request, opened)
    return () => void this.#requests.delete(request)
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

/**
 * Keys of the users a body names, with how it names them: the identifier, and the profile it finds.
 */
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
  if (externalId !== null)
    return named('external_id', externalId, directory.byExternalId(externalId)?.brazeId)
  const alias = aliasOf(item.user_alias) ?? aliasOf(item as Json)
  if (alias !== null)
    return named('user_alias', `${alias.label}:${alias.name}`, directory.byAlias(alias)?.brazeId)
  for (const kind of ['braze_id', 'email', 'phone'] as const) {
    const value = item[kind]
    if (isText(value)) return named(kind, value, undefined)
  }
  return null
}

function named(kind: string, id: string, brazeId: string | undefined): Named {
  return { key: `${kind}:${id}`, user: id, brazeId }
}
