import type {
  Destination,
  DestinationLimits,
  Outcome,
  PackedRequest,
  Packer,
  RequestPart,
  Sent,
  Update,
} from '@engage-sync/core'

/** Users in one of the requests that are never made; a commit is written for each group of them. */
const USERS_PER_REQUEST = 1000
const LIMITS: DestinationLimits = {
  usersPerExport: USERS_PER_REQUEST,
  usersPerDeletion: USERS_PER_REQUEST,
  pairsPerRequest: USERS_PER_REQUEST,
  membersPerCohortRequest: USERS_PER_REQUEST,
}
const DELIVERED: Outcome = { status: 'delivered', exists: true }
const NOTHING = new Uint8Array(0)

/**
 * A destination that takes everything as delivered and sends nothing: what `state adopt` runs
 * against.
 */
export function createAdoptingDestination(): Destination {
  let id = 0
  const requestOf = (parts: readonly RequestPart[]): PackedRequest => ({
    id: ++id,
    path: 'adopt',
    body: NOTHING,
    parts,
    needsMark: false,
    after: null,
  })
  const accept = async (count: number): Promise<Sent> => ({
    outcomes: Array.from({ length: count }, () => DELIVERED),
    requests: 0,
    retries: 0,
  })
  return {
    name: 'nowhere',
    settleMs: 0,
    verifyAfterMs: 0,
    concurrency: 1,
    requestsPerSecond: Infinity,
    limits: LIMITS,
    createPacker: () => new AdoptingPacker(requestOf),
    beforeRequest: () => {},
    ready: async () => {},
    send: ({ parts }) => accept(parts.length),
    prepareCohort: () => accept(1),
    packCohort: (_, members) => [
      requestOf(members.map(({ update, ref }) => ({ update, kind: 'membership', ref }))),
    ],
    identify: (pairs) => accept(pairs.length),
    merge: (pairs) => accept(pairs.length),
    deleteUsers: (users) => accept(users.length),
    exportUsers: async (users) =>
      users.map((user) => ({ user, found: false, attributes: new Map(), events: new Map() })),
    check: async () => [],
    close: async () => {},
  }
}

class AdoptingPacker implements Packer {
  readonly #requestOf: (parts: readonly RequestPart[]) => PackedRequest
  #parts: RequestPart[] = []
  #users = 0

  constructor(requestOf: (parts: readonly RequestPart[]) => PackedRequest) {
    this.#requestOf = requestOf
  }

  add({ ref: update, attributes, events }: Update): readonly PackedRequest[] {
    if (attributes !== null) this.#parts.push({ update, kind: 'attributes', ref: -1 })
    for (const { ref } of events) this.#parts.push({ update, kind: 'event', ref })
    return ++this.#users < USERS_PER_REQUEST ? [] : this.flush()
  }

  flush(): readonly PackedRequest[] {
    if (this.#parts.length === 0) return []
    const request = this.#requestOf(this.#parts)
    this.#parts = []
    this.#users = 0
    return [request]
  }

  takeUnpackable(): readonly [] {
    return []
  }
}
