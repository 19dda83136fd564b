import { isDeepStrictEqual } from 'node:util'
import { zip } from '@engage-sync/core'
import type {
  Destination,
  DestinationLimits,
  ExportedProfile,
  ExportedUser,
  Outcome,
  PackedRequest,
  Packer,
  RequestPart,
  Sent,
  Update,
  UserRef,
} from '@engage-sync/core'

/**
 * Users in one of the requests that are never made; a commit is written for each group of them.
 * Where they are asked for one by one less may be lost.
 */
const USERS_PER_REQUEST = 1000
const USERS_ASKED = 200
const LIMITS: DestinationLimits = {
  usersPerExport: USERS_PER_REQUEST,
  usersPerDeletion: USERS_PER_REQUEST,
  pairsPerRequest: USERS_PER_REQUEST,
  membersPerCohortRequest: USERS_PER_REQUEST,
}
const NOT_HELD: Outcome = { status: 'failed', reason: 'Braze does not hold it' }
const LEFT: Sent = { outcomes: [NOT_HELD], requests: 0, retries: 0 }
const DELIVERED: Outcome = { status: 'delivered', exists: true }
const NOTHING = new Uint8Array(0)
const HELD_NOTHING: ExportedProfile = {
  users: [],
  attributes: new Map(),
  events: new Map(),
  others: [],
}

/**
 * A destination that takes everything as delivered and sends nothing: what `state adopt` runs
 * against.
 *
 * @param held - asked whether aliases belong to their users already; null: they are taken to. Then
 *   no list of users counts as being there either, since nobody can ask for those
 */
export function createAdoptingDestination(
  held: Pick<Destination, 'exportUsers'> | null = null,
): Destination {
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
    createPacker: () =>
      new AdoptingPacker(requestOf, held === null ? USERS_PER_REQUEST : USERS_ASKED),
    beforeRequest: () => {},
    ready: async () => {},
    send: ({ parts }) => accept(parts.length),
    prepareCohort: async () => (held === null ? accept(1) : LEFT),
    packCohort: (_, members) => [
      requestOf(members.map(({ update, ref }) => ({ update, kind: 'membership', ref }))),
    ],
    identify: (pairs, signal) =>
      held === null
        ? accept(pairs.length)
        : areOne(
            held,
            pairs.map(({ externalId, alias }) => [{ alias }, { externalId }]),
            signal,
          ),
    merge: (pairs, signal) =>
      held === null
        ? accept(pairs.length)
        : areOne(
            held,
            pairs.map(({ from, into }) => [from, into]),
            signal,
          ),
    deleteUsers: (users) => accept(users.length),
    exportUsers: async (users) => users.map((user) => ({ ...HELD_NOTHING, user, found: false })),
    check: async () => [],
    close: async () => {},
  }
}

/** Whether two identifiers of each pair name one profile; where they do not, the pair is left. */
async function areOne(
  held: Pick<Destination, 'exportUsers'>,
  pairs: readonly (readonly [UserRef, UserRef])[],
  signal: AbortSignal,
): Promise<Sent> {
  const from = pairs.map(([user]) => user)
  const asked = await held.exportUsers(from, { attributes: [], events: false }, signal)
  const isOne = ([, into]: readonly [UserRef, UserRef], { users }: ExportedUser) =>
    users.some((user) => isDeepStrictEqual(user, into))
  const outcomes = [...zip(pairs, asked)].map(([pair, user]) =>
    isOne(pair, user) ? DELIVERED : NOT_HELD,
  )
  return { outcomes, requests: 0, retries: 0 }
}

class AdoptingPacker implements Packer {
  readonly #requestOf: (parts: readonly RequestPart[]) => PackedRequest
  readonly #most: number
  #parts: RequestPart[] = []
  #users = 0

  constructor(
    requestOf: (parts: readonly RequestPart[]) => PackedRequest,
    usersPerRequest: number,
  ) {
    this.#requestOf = requestOf
    this.#most = usersPerRequest
  }

  add({ ref: update, attributes, events }: Update): readonly PackedRequest[] {
    if (attributes !== null) this.#parts.push({ update, kind: 'attributes', ref: -1 })
    for (const { ref } of events) this.#parts.push({ update, kind: 'event', ref })
    return ++this.#users < this.#most ? [] : this.flush()
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
