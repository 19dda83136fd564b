import { itemAt, zip } from '@engage-sync/core'
import type { Destination, Outcome, PackedRequest, Update } from '@engage-sync/core'

/** What goes wrong with coming requests. */
export interface ContractFault {
  readonly kind: 'status' | 'timeout' | 'reset' | 'partial' | 'no_message' | 'garbage'
  readonly path?: string
  readonly status?: number
  /** The server does what was asked, then fails. */
  readonly after_apply?: boolean
  readonly array?: 'attributes' | 'events'
  readonly indexes?: readonly number[]
  readonly type?: string
  readonly next?: number
  readonly retry_after?: number
}

/** What the server holds of a user. */
export interface HeldUser {
  readonly attributes: Readonly<Record<string, unknown>>
  /** Counts by name. */
  readonly events: Readonly<Record<string, number>>
  readonly cohorts: readonly string[]
}

/** The service behind the destination, empty at first. */
export interface ContractServer {
  addFault(fault: ContractFault): void
  /** Applies at once what it accepted. */
  settle(): void | Promise<void>
  user(externalId: string): Promise<HeldUser | null>
}

/** A destination and its service for one test. */
export interface ContractDestination {
  readonly destination: Destination
  readonly server: ContractServer
  close(): Promise<void>
}

/**
 * Makes them; called once a test. Requests time out after some hundred milliseconds, retries wait
 * little.
 */
export type MakeDestination = () => Promise<ContractDestination>

/** Times that end no test by themselves. */
export const SIGNAL: AbortSignal = new AbortController().signal

/** The destination of one test. */
export class OneDestination {
  readonly #make: MakeDestination
  #made!: ContractDestination

  constructor(make: MakeDestination) {
    this.#make = make
  }

  async begin(): Promise<void> {
    this.#made = await this.#make()
  }

  async end(): Promise<void> {
    await this.#made.close()
  }

  get destination(): Destination {
    return this.#made.destination
  }

  get server(): ContractServer {
    return this.#made.server
  }

  pack(updates: readonly Update[]): readonly PackedRequest[] {
    const packer = this.destination.createPacker()
    return [...updates.flatMap((update) => packer.add(update)), ...packer.flush()]
  }

  /** The one request that an update becomes. */
  packOne(update: Update): PackedRequest {
    return itemAt(this.pack([update]), 0)
  }

  /**
   * Packs and sends as an engine does, and lets the service apply it. Outcomes as short words, by
   * `update kind ref`.
   */
  async deliver(updates: readonly Update[]): Promise<ReadonlyMap<string, string>> {
    const words = new Map<string, string>()
    const answered = new Map<number, Promise<void>>()
    for (const request of this.pack(updates)) {
      const before =
        request.after === null
          ? Promise.resolve()
          : (answered.get(request.after) ?? Promise.resolve())
      answered.set(
        request.id,
        before.then(() => this.#send(request, words)),
      )
    }
    await Promise.all(answered.values())
    await this.server.settle()
    return words
  }

  /** What the service holds, once everything is applied. */
  async user(externalId: string): Promise<HeldUser | null> {
    await this.server.settle()
    return this.server.user(externalId)
  }

  async #send(request: PackedRequest, words: Map<string, string>): Promise<void> {
    const { outcomes } = await this.destination.send(request, SIGNAL)
    for (const [{ update, kind, ref }, outcome] of zip(request.parts, outcomes))
      words.set(`${update} ${kind} ${ref}`, wordOf(outcome))
    await this.server.settle()
  }
}

/** `delivered`, `failed`, `unknown`, or the code of a rejection with the field it names. */
export function wordOf(outcome: Outcome): string {
  if (outcome.status !== 'rejected') return outcome.status
  return outcome.field === undefined
    ? outcome.rejection.code
    : `${outcome.rejection.code} ${outcome.field}`
}

const DAY_MS = 86_400_000
/** Young enough to be exported: destinations show events of the last 90 days. */
const FIRST_EVENT = Math.floor(Date.now() / DAY_MS - 30) * DAY_MS

/** When the event at a place of an update happened; milliseconds since the epoch. */
export function eventTime(index: number): number {
  return FIRST_EVENT + (index % 9) * DAY_MS
}

/** An update of the user `user-<ref>`. */
export function updateOf(
  ref: number,
  content: Partial<Omit<Update, 'ref' | 'events'>> & { readonly events?: readonly string[] },
): Update {
  const { events = [], ...rest } = content
  return {
    ref,
    user: { externalId: `user-${ref}` },
    attributes: null,
    attributeNames: [],
    memberships: [],
    createUser: true,
    ...rest,
    events: events.map((name, index) => ({
      ref: index,
      members: `"name":${JSON.stringify(name)},"time":"${new Date(eventTime(index)).toISOString()}","properties":{"number":${index}}`,
    })),
  }
}
