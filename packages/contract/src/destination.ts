import type { Outcome, Update, UserRef } from './update.ts'

/** What a destination for trials took and did not keep, as Braze would in silence. */
export interface DroppedCause {
  /** Short name of the cause. */
  readonly reason: string
  /** Array of the request: `attributes`, `events`, `cohort_changes` and the like. */
  readonly input: string
  /** Attribute, event or property; null where a whole object was dropped. */
  readonly name: string | null
  readonly count: number
  /** What it means, in a sentence. */
  readonly text: string
}

/** One object inside a request, and whose it is. */
export interface RequestPart {
  /** `ref` of the update it came from. */
  readonly update: number
  readonly kind: 'attributes' | 'event' | 'membership'
  /** `ref` of the event or membership change; -1 for attributes. */
  readonly ref: number
}

/** A request whose body is built, not yet sent. */
export interface PackedRequest {
  /** Unique within its destination, ascending in packing order. */
  readonly id: number
  /** Which endpoint; opaque to the engine. */
  readonly path: string
  readonly body: Uint8Array
  /** In body order. */
  readonly parts: readonly RequestPart[]
  /**
   * It carries something that must not be repeated blindly: events, increments, array additions.
   */
  readonly needsMark: boolean
  /** Id of a request that must be answered (and settled) before this one may leave, or null. */
  readonly after: number | null
}

/** An object no request can hold, with its measured size in the message. */
export interface Unpackable {
  readonly part: RequestPart
  readonly outcome: Outcome
}

/**
 * Fills requests by count and bytes. One user's parts stay in order, in one request where they fit.
 */
export interface Packer {
  /**
   * Adds one user's attributes and events (memberships are packed apart); returns requests that
   * became full.
   */
  add(update: Update): readonly PackedRequest[]
  /** Returns what is left. */
  flush(): readonly PackedRequest[]
  /** Takes the objects no request could hold since the last call. */
  takeUnpackable(): readonly Unpackable[]
}

/** How a request ended. */
export interface Sent {
  /** One per part, in order. */
  readonly outcomes: readonly Outcome[]
  /** HTTP requests made for it, retries and splits included. */
  readonly requests: number
  readonly retries: number
  /**
   * Objects that a success took by its word and left out of its counts: told as delivered, and
   * worth telling. Absent: none.
   */
  readonly uncounted?: number
}

/** A list of users at the destination. */
export interface CohortDefinition {
  readonly id: string
  readonly name: string
  /** ISO 8601. */
  readonly createdAt: string
}

/** One user's membership to change. */
export interface CohortMember {
  readonly update: number
  readonly ref: number
  readonly user: UserRef
  readonly member: boolean
}

/** What a profile of the destination holds. */
export interface ExportedProfile {
  /** Every identifier it is known by that we may address it with; empty where it has none. */
  readonly users: readonly UserRef[]
  /** Standard and custom attributes that were asked for, by name. */
  readonly attributes: ReadonlyMap<string, unknown>
  readonly events: ReadonlyMap<
    string,
    { readonly count: number; readonly firstMs: number; readonly lastMs: number }
  >
  /** Names of its custom attributes that were not asked for, where any custom one was. */
  readonly others: readonly string[]
}

/** What a destination holds of one user. */
export interface ExportedUser extends ExportedProfile {
  readonly user: UserRef
  readonly found: boolean
}

/** What to ask of each user. */
export interface ExportFields {
  /** Names of standard and custom attributes. */
  readonly attributes: readonly string[]
  readonly events: boolean
}

/** A whole list of users: a segment the service makes an export of, or files of one it made. */
export type ExportedList = { readonly segment: string } | { readonly files: readonly string[] }

/** One line of `doctor`. */
export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warning' | 'failed'
  readonly message: string
  readonly hint?: string
}

/** How much one request of a destination takes, so that no caller knows a service's numbers. */
export interface DestinationLimits {
  /** Users of one export. */
  readonly usersPerExport: number
  /** Users of one deletion. */
  readonly usersPerDeletion: number
  /** Pairs of one identify or merge. */
  readonly pairsPerRequest: number
  /** Members of one cohort request, joining and leaving together. */
  readonly membersPerCohortRequest: number
}

/** A request that is going to be tried again. */
export interface RetryToCome {
  /** `HTTP 503`, or a system code such as ECONNREFUSED. */
  readonly reason: string
  readonly waitMs: number
}

/**
 * Where updates go.
 *
 * Contract (testkit `destinationContract`): one outcome per part, in order; no part ever gets another's reason;
 * failures of a whole run (credentials, unavailable beyond the retry budget) are thrown as
 * `SyncError`s whose codes the exit table knows: `DESTINATION_AUTH`, `DESTINATION_UNAVAILABLE`,
 * with the HTTP requests made as their `requests`. Nothing of a request that ends so was applied,
 * but where the error says `mayBeApplied: true`: something else answered, and may have passed it
 * on. Where such an error ends some parts alone, it is the `error` of their outcomes.
 */
export interface Destination {
  readonly name: string
  /** Least time between two requests that depend on each other for one user, milliseconds. */
  readonly settleMs: number
  /**
   * How long after a request an export that lacks its events says that it was not applied,
   * milliseconds. One that has them is believed at once.
   */
  readonly verifyAfterMs: number
  /** How many requests may usefully be in flight. */
  readonly concurrency: number
  /** How many requests of updates may leave in a second; a plan's time is told by it. */
  readonly requestsPerSecond: number
  /**
   * What its requests hold at most. More may be asked of `exportUsers`, `deleteUsers`, `identify`,
   * `merge` and `packCohort`, which then make several; who commits or counts between requests asks
   * for no more.
   */
  readonly limits: DestinationLimits
  createPacker(): Packer
  /**
   * Asks from now on before every request leaves, each further try and piece included, as late as
   * it can; one check. When it throws, that request does not leave, and the call ends with the
   * error, unless parts of it were answered.
   */
  beforeRequest(check: () => Promise<void>): void
  /** Resolves when one more request would leave soon: packing it before that only holds memory. */
  ready(): Promise<void>
  send(request: PackedRequest, signal: AbortSignal): Promise<Sent>
  /** Creates or renames. */
  prepareCohort(cohort: CohortDefinition, signal: AbortSignal): Promise<Sent>
  /** Requests for one cohort, to be sent one after another. */
  packCohort(cohortId: string, members: readonly CohortMember[]): readonly PackedRequest[]
  /** Attaches aliases to external ids; one outcome per pair. */
  identify(
    pairs: readonly {
      readonly externalId: string
      readonly alias: { readonly name: string; readonly label: string }
    }[],
    signal: AbortSignal,
  ): Promise<Sent>
  merge(
    pairs: readonly { readonly from: UserRef; readonly into: UserRef }[],
    signal: AbortSignal,
  ): Promise<Sent>
  deleteUsers(users: readonly UserRef[], signal: AbortSignal): Promise<Sent>
  exportUsers(
    users: readonly UserRef[],
    fields: ExportFields,
    signal: AbortSignal,
  ): Promise<readonly ExportedUser[]>
  /**
   * Everybody in a list, as they come, each profile once; the list may be read several times. A
   * destination that has no such lists leaves it out.
   *
   * @throws {SyncError} `BRAZE_EXPORT` where the export is not to be had or not to be read
   */
  exportList?(
    list: ExportedList,
    fields: ExportFields,
    signal: AbortSignal,
  ): AsyncIterable<ExportedProfile>
  /** For `doctor`: endpoint, key, permissions, cohort key, clock. */
  check(signal: AbortSignal): Promise<readonly Check[]>
  /**
   * What was taken and not kept since it was opened, most first. Only a destination for trials can
   * tell; another leaves it out.
   */
  dropped?(): Promise<readonly DroppedCause[]>
  /**
   * Calls back from now on when the service asks for a wait of a second or more; one listener, milliseconds.
   * A destination that never waits leaves it out.
   */
  onWait?(listener: (waitMs: number) => void): void
  /**
   * Calls back from now on when the service does not take a request, which is tried again after a
   * second or more; one listener. A destination that never fails leaves it out.
   */
  onRetry?(listener: (told: RetryToCome) => void): void
  close(): Promise<void>
}
