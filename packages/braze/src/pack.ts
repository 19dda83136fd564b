import type { PackedRequest, Packer, RequestPart, Unpackable, Update, UserRef } from '@engage-sync/core'
import { LIMITS } from './limits.ts'

/** How objects are counted: all together, per array (legacy contracts), or for the bulk endpoint. */
export type BatchMode = 'combined' | 'per_array' | 'bulk'

/** Limits of one request under a mode. */
interface RequestLimits {
  readonly path: string
  readonly objects: number
  readonly perArray: boolean
  readonly perUser: number
  readonly bytes: number
}

const MODES: Readonly<Record<BatchMode, RequestLimits>> = {
  combined: { path: '/users/track', objects: LIMITS.trackObjects, perArray: false, perUser: Infinity, bytes: LIMITS.bodyBytes },
  per_array: { path: '/users/track', objects: LIMITS.trackObjects, perArray: true, perUser: Infinity, bytes: LIMITS.bodyBytes },
  bulk: {
    path: '/users/track/bulk',
    objects: LIMITS.bulkObjects,
    perArray: false,
    perUser: LIMITS.bulkObjectsPerProfile,
    bytes: LIMITS.bulkBodyBytes,
  },
}

/** Bytes of the body's frame: both array names, brackets, braces and commas. */
const FRAME_BYTES = 64

/** One object, serialised. */
interface Item {
  readonly part: RequestPart
  readonly text: string
  readonly bytes: number
}

/**
 * Fills `/users/track` requests by count and bytes.
 *
 * Shape: updates in, one at a time; full requests out, the rest from `flush`. Attributes stand before events. All
 * objects of one user go into one request; a user too large for one gets several, each `after` the one before, and no
 * other request holds that user. Pure but for its own counters.
 */
export function createPacker(mode: BatchMode, ids: { next: number } = { next: 1 }): Packer {
  return new TrackPacker(MODES[mode], ids)
}

class TrackPacker implements Packer {
  readonly #limits: RequestLimits
  readonly #ids: { next: number }
  #attributes: Item[] = []
  #events: Item[] = []
  #bytes = FRAME_BYTES
  #unpackable: Unpackable[] = []

  constructor(limits: RequestLimits, ids: { next: number }) {
    this.#limits = limits
    this.#ids = ids
  }

  add(update: Update): readonly PackedRequest[] {
    const items = this.#itemsOf(update)
    if (items.length === 0) return []
    const requests: PackedRequest[] = []
    if (!this.#fits(items)) {
      requests.push(...this.flush())
      if (!this.#fits(items)) return [...requests, ...this.#split(items)]
    }
    for (const item of items) this.#put(item)
    return requests
  }

  flush(): readonly PackedRequest[] {
    if (this.#attributes.length + this.#events.length === 0) return []
    const request = this.#request(null)
    return [request]
  }

  takeUnpackable(): readonly Unpackable[] {
    const taken = this.#unpackable
    this.#unpackable = []
    return taken
  }

  #itemsOf(update: Update): Item[] {
    const user = userMembers(update)
    const items: Item[] = []
    if (update.attributes !== null) items.push(item({ update: update.ref, kind: 'attributes', ref: -1 }, `{${user},${update.attributes}}`))
    for (const event of update.events) items.push(item({ update: update.ref, kind: 'event', ref: event.ref }, `{${user},${event.members}}`))
    return items.filter((candidate) => !this.#isTooLarge(candidate))
  }

  #isTooLarge({ part, bytes }: Item): boolean {
    if (bytes <= LIMITS.itemBytes) return false
    const message = `One object has ${bytes} bytes; Braze takes at most ${LIMITS.itemBytes}`
    this.#unpackable.push({ part, outcome: { status: 'rejected', rejection: { code: 'BRAZE_ITEM_TOO_LARGE', message } } })
    return true
  }

  #fits(items: readonly Item[]): boolean {
    const { objects, perArray, perUser, bytes } = this.#limits
    const attributes = items.filter(({ part }) => part.kind === 'attributes').length
    const events = items.length - attributes
    const total = this.#bytes + items.reduce((sum, { bytes: size }) => sum + size + 1, 0)
    if (total > bytes || items.length > perUser) return false
    if (perArray) return this.#attributes.length + attributes <= objects && this.#events.length + events <= objects
    return this.#attributes.length + this.#events.length + items.length <= objects
  }

  /** One user in several requests, in order. */
  #split(items: readonly Item[]): PackedRequest[] {
    const requests: PackedRequest[] = []
    let after: number | null = null
    for (const next of items) {
      if (!this.#fits([next]) || this.#attributes.length + this.#events.length >= this.#limits.perUser) {
        requests.push(this.#request(after))
        after = requests.at(-1)!.id
      }
      this.#put(next)
    }
    requests.push(this.#request(after))
    return requests
  }

  #put(next: Item): void {
    if (next.part.kind === 'attributes') this.#attributes.push(next)
    else this.#events.push(next)
    this.#bytes += next.bytes + 1
  }

  #request(after: number | null): PackedRequest {
    const arrays: string[] = []
    if (this.#attributes.length > 0) arrays.push(`"attributes":[${this.#attributes.map(({ text }) => text).join(',')}]`)
    if (this.#events.length > 0) arrays.push(`"events":[${this.#events.map(({ text }) => text).join(',')}]`)
    const request: PackedRequest = {
      id: this.#ids.next++,
      path: this.#limits.path,
      body: Buffer.from(`{${arrays.join(',')}}`),
      parts: [...this.#attributes, ...this.#events].map(({ part }) => part),
      needsMark: this.#events.length > 0,
      after,
    }
    this.#attributes = []
    this.#events = []
    this.#bytes = FRAME_BYTES
    return request
  }
}

function item(part: RequestPart, text: string): Item {
  return { part, text, bytes: Buffer.byteLength(text) }
}

/** The identifier's members, and the option that says whether the user may be created. */
export function userMembers({ user, createUser }: { readonly user: UserRef; readonly createUser: boolean }): string {
  if ('externalId' in user) return `"external_id":${JSON.stringify(user.externalId)}${createUser ? '' : ',"_update_existing_only":true'}`
  const alias = JSON.stringify({ alias_name: user.alias.name, alias_label: user.alias.label })
  return `"user_alias":${alias},"_update_existing_only":${!createUser}`
}
