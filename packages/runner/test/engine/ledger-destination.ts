import type {
  CohortDefinition,
  CohortMember,
  Destination,
  ExportedUser,
  Outcome,
  PackedRequest,
  Packer,
  RequestPart,
  Sent,
  Update,
  UserRef,
} from '@engage-sync/core'

/** What the ledger holds of one user. */
export interface LedgerUser {
  readonly attributes: Map<string, unknown>
  readonly events: { readonly name: string; readonly time: string; readonly properties: unknown }[]
  readonly cohorts: Set<string>
}

/** What becomes of one request. `lost`: unknown, not applied; `applied`: unknown, applied. */
export type Fate = 'ok' | 'failed' | 'lost' | 'applied'

interface Body {
  readonly users: readonly string[]
  readonly objects: readonly {
    readonly user: string
    /** Only where the user exists. */
    readonly isUpdateOnly: boolean
    readonly attributes?: Record<string, unknown>
    readonly event?: LedgerUser['events'][number]
  }[]
}

/**
 * A destination in memory: packs small requests, applies them, counts what they cost, and fails on
 * demand.
 */
export class LedgerDestination implements Destination {
  readonly name = 'ledger'
  readonly settleMs = 0
  verifyAfterMs = 0
  readonly requestsPerSecond = Infinity
  /** Small ones, of its own: whoever asks for more has a number from elsewhere. */
  readonly limits = {
    usersPerExport: 3,
    usersPerDeletion: 4,
    pairsPerRequest: 5,
    membersPerCohortRequest: 6,
  }
  readonly concurrency: number
  readonly users = new Map<string, LedgerUser>()
  readonly cohorts = new Map<string, string>()
  readonly joined: string[] = []
  readonly deleted: string[] = []
  dataPoints = 0
  requests = 0
  /** Users of two requests that were in flight at once; must stay empty. */
  readonly overlaps: string[] = []
  /** Decides what becomes of a request; by its number, from 1. */
  fate: (request: number) => Fate = () => 'ok'
  /** How long a request takes, milliseconds; by its number, from 1. */
  delayMs: (request: number) => number = () => 0
  /** Refuses an object for good: the code, and perhaps the field that is to blame. */
  refuse: (object: Body['objects'][number]) => { code: string; field?: string } | null = () => null
  /**
   * Users whose objects and memberships are neither taken nor refused, whatever the request's fate.
   */
  fails: (user: string) => boolean = () => false
  readonly #perRequest: number
  readonly #inFlight = new Set<string>()
  #mayLeave: () => Promise<void> = async () => undefined
  #nextId = 1

  constructor(how: { readonly concurrency?: number; readonly perRequest?: number } = {}) {
    this.concurrency = how.concurrency ?? 4
    this.#perRequest = how.perRequest ?? 5
  }

  async ready(): Promise<void> {}

  beforeRequest(check: () => Promise<void>): void {
    this.#mayLeave = check
  }

  createPacker(): Packer {
    let objects: Body['objects'][number][] = []
    let parts: RequestPart[] = []
    const close = (): PackedRequest[] => {
      if (parts.length === 0) return []
      const body: Body = { users: [...new Set(objects.map(({ user }) => user))], objects }
      const request = {
        id: this.#nextId++,
        path: '/track',
        body: Buffer.from(JSON.stringify(body)),
        parts,
        needsMark: parts.some(({ kind }) => kind === 'event'),
        after: null,
      }
      objects = []
      parts = []
      return [request]
    }
    return {
      add: (update: Update) => {
        const user = nameOf(update.user)
        const isUpdateOnly = !update.createUser
        if (update.attributes !== null) {
          objects.push({
            user,
            isUpdateOnly,
            attributes: JSON.parse(`{${update.attributes}}`) as Record<string, unknown>,
          })
          parts.push({ update: update.ref, kind: 'attributes', ref: -1 })
        }
        for (const { ref, members } of update.events) {
          objects.push({
            user,
            isUpdateOnly,
            event: JSON.parse(`{${members}}`) as LedgerUser['events'][number],
          })
          parts.push({ update: update.ref, kind: 'event', ref })
        }
        return parts.length >= this.#perRequest ? close() : []
      },
      flush: close,
      takeUnpackable: () => [],
    }
  }

  async send(request: PackedRequest): Promise<Sent> {
    const body = JSON.parse(Buffer.from(request.body).toString()) as Body & {
      cohort?: string
      members?: { user: string; member: boolean }[]
    }
    await this.#mayLeave()
    const fate = this.fate(++this.requests)
    for (const user of body.users) if (this.#inFlight.has(user)) this.overlaps.push(user)
    for (const user of body.users) this.#inFlight.add(user)
    const delayMs = this.delayMs(this.requests)
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
    else await new Promise((resolve) => setImmediate(resolve))
    for (const user of body.users) this.#inFlight.delete(user)
    const sent = (outcomes: readonly Outcome[]) => ({ outcomes, requests: 1, retries: 0 })
    if (fate === 'failed')
      return sent(request.parts.map(() => ({ status: 'failed', reason: 'no' })))
    if (body.cohort !== undefined) {
      return sent(
        body.members!.map(({ user, member }) => this.#setMember(body.cohort!, user, member)),
      )
    }
    const outcomes = fate === 'lost' ? [] : body.objects.map((object) => this.#apply(object))
    return sent(
      fate === 'ok' ? outcomes : request.parts.map(() => ({ status: 'unknown', reason: 'reset' })),
    )
  }

  #apply(object: Body['objects'][number]): Outcome {
    if (this.fails(object.user)) return { status: 'failed', reason: 'no' }
    const refusal = this.refuse(object)
    if (refusal !== null) {
      const { code, field } = refusal
      return {
        status: 'rejected',
        rejection: { code, message: 'refused' },
        ...(field === undefined ? {} : { field }),
      }
    }
    if (object.isUpdateOnly && !this.users.has(object.user)) return this.#drop(object)
    const user = this.userOf(object.user)
    for (const [name, value] of Object.entries(object.attributes ?? {})) {
      this.dataPoints++
      if (value === null) user.attributes.delete(name)
      else user.attributes.set(name, value)
    }
    if (object.event !== undefined) {
      this.dataPoints++
      user.events.push(object.event)
    }
    return { status: 'delivered' }
  }

  /** Nobody to apply it to. Planned points are the most it may cost. */
  #drop({ attributes, event }: Body['objects'][number]): Outcome {
    this.dataPoints += Object.keys(attributes ?? {}).length + (event === undefined ? 0 : 1)
    return { status: 'delivered' }
  }

  #setMember(cohort: string, name: string, member: boolean): Outcome {
    if (this.fails(name)) return { status: 'failed', reason: 'no' }
    const user = this.users.get(name)
    this.dataPoints++
    if (user === undefined && !member) return { status: 'delivered' }
    if (user === undefined) throw new Error('no such user')
    if (member) user.cohorts.add(cohort)
    else user.cohorts.delete(cohort)
    return { status: 'delivered' }
  }

  userOf(name: string): LedgerUser {
    let user = this.users.get(name)
    if (user === undefined) {
      user = { attributes: new Map(), events: [], cohorts: new Set() }
      this.users.set(name, user)
    }
    return user
  }

  async prepareCohort({ id, name }: CohortDefinition): Promise<Sent> {
    await this.#mayLeave()
    this.cohorts.set(id, name)
    return { outcomes: [{ status: 'delivered' }], requests: 1, retries: 0 }
  }

  packCohort(cohortId: string, members: readonly CohortMember[]): readonly PackedRequest[] {
    const requests: PackedRequest[] = []
    for (let from = 0; from < members.length; from += this.#perRequest) {
      const some = members.slice(from, from + this.#perRequest)
      const body = {
        users: some.map(({ user }) => nameOf(user)),
        cohort: cohortId,
        members: some.map(({ user, member }) => ({ user: nameOf(user), member })),
      }
      requests.push({
        id: this.#nextId++,
        path: '/cohort',
        body: Buffer.from(JSON.stringify(body)),
        parts: some.map(({ update, ref }) => ({ update, kind: 'membership', ref })),
        needsMark: false,
        after: null,
      })
    }
    return requests
  }

  async identify(pairs: Parameters<Destination['identify']>[0]): Promise<Sent> {
    atMost(this.limits.pairsPerRequest, pairs)
    await this.#mayLeave()
    const fate = this.fate(++this.requests)
    const outcomes = pairs.map(({ externalId, alias }): Outcome => {
      if (fate !== 'ok' || this.fails(externalId)) return { status: 'failed', reason: 'no' }
      this.joined.push(`${alias.name}→${externalId}`)
      this.#join(`alias:${alias.label}:${alias.name}`, externalId)
      return { status: 'delivered' }
    })
    return { outcomes, requests: 1, retries: 0 }
  }

  async merge(pairs: Parameters<Destination['merge']>[0]): Promise<Sent> {
    atMost(this.limits.pairsPerRequest, pairs)
    await this.#mayLeave()
    for (const { from, into } of pairs) this.#join(nameOf(from), nameOf(into))
    return { outcomes: pairs.map(() => ({ status: 'delivered' })), requests: 1, retries: 0 }
  }

  #join(from: string, into: string): void {
    const source = this.users.get(from)
    const target = this.userOf(into)
    this.users.delete(from)
    for (const [name, value] of source?.attributes ?? [])
      if (!target.attributes.has(name)) target.attributes.set(name, value)
    target.events.push(...(source?.events ?? []))
    for (const cohort of source?.cohorts ?? []) target.cohorts.add(cohort)
  }

  async deleteUsers(users: readonly UserRef[]): Promise<Sent> {
    atMost(this.limits.usersPerDeletion, users)
    await this.#mayLeave()
    const outcomes = users.map((user): Outcome => {
      if (this.fails(nameOf(user))) return { status: 'failed', reason: 'no' }
      this.users.delete(nameOf(user))
      this.deleted.push(nameOf(user))
      return { status: 'delivered' }
    })
    return { outcomes, requests: 1, retries: 0 }
  }

  async exportUsers(users: readonly UserRef[]): Promise<readonly ExportedUser[]> {
    atMost(this.limits.usersPerExport, users)
    await this.#mayLeave()
    return users.map((user) => {
      const held = this.users.get(nameOf(user))
      const events = new Map<string, { count: number; firstMs: number; lastMs: number }>()
      for (const { name, time } of held?.events ?? []) {
        const ms = Date.parse(time)
        const known = events.get(name)
        events.set(name, {
          count: (known?.count ?? 0) + 1,
          firstMs: Math.min(known?.firstMs ?? ms, ms),
          lastMs: Math.max(known?.lastMs ?? ms, ms),
        })
      }
      return {
        user,
        users: [user],
        found: held !== undefined,
        attributes: held?.attributes ?? new Map(),
        events,
        others: [],
      }
    })
  }

  async check(): Promise<readonly []> {
    return []
  }

  async close(): Promise<void> {}

  /** Everything it holds as plain data, in a stable order. */
  dump() {
    const byTime = (a: LedgerUser['events'][number], b: LedgerUser['events'][number]) =>
      JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
    return [...this.users]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { attributes, events, cohorts }]) => ({
        name,
        attributes: Object.fromEntries([...attributes].sort(([a], [b]) => (a < b ? -1 : 1))),
        events: [...events].sort(byTime),
        cohorts: [...cohorts].sort(),
      }))
  }
}

function nameOf(user: UserRef): string {
  return 'externalId' in user ? user.externalId : `alias:${user.alias.label}:${user.alias.name}`
}

function atMost(limit: number, asked: readonly unknown[]): void {
  if (asked.length > limit)
    throw new Error(`${asked.length} asked for at once, of at most ${limit}`)
}
