import type { Json } from '@engage-sync/contract'

/** A space: what Engage computes in. */
export interface Space {
  readonly id: string
  readonly slug: string
  readonly name: string
}

/** A computation as Segment describes it. What Segment does not say is null. */
export interface Computation {
  readonly id: string
  readonly key: string
  readonly name: string
  readonly enabled: boolean
  /** Such as `Live`, `Computing`, `Failed`. */
  readonly status: string | null
  readonly cadence: 'realtime' | 'batch' | null
  /** Whether it counts what happened before it was made. */
  readonly includesHistory: boolean | null
  /** How many days before it was made count, if that is limited. */
  readonly lookBackDays: number | null
  /** Segment's definition language. */
  readonly definition: string | null
}

/** An audience of a space. */
export interface Audience extends Computation {
  readonly type: 'users' | 'accounts' | 'linked' | null
  /** Members, as Segment last counted. */
  readonly size: number | null
}

/** A computed trait of a space. */
export interface ComputedTrait extends Computation {
  readonly includesAnonymousUsers: boolean | null
}

/** A mapping of a destination, as Segment runs it. */
export interface Subscription {
  readonly id: string
  readonly name: string
  /** Such as `updateUserProfile`, `trackEvent`, `syncAudiences`. */
  readonly actionSlug: string
  readonly enabled: boolean
  /** Which events it takes, in Segment's filter language. */
  readonly trigger: string
  readonly settings: Json
}

/** A filter of a destination. */
export interface DestinationFilter {
  readonly title: string
  /** Which events it concerns, in Segment's filter language. */
  readonly if: string
  readonly enabled: boolean
  readonly actions: Json
}

/** Segment's Public API, read-only. All pages are read. */
export interface PublicApi {
  listSpaces(signal: AbortSignal): Promise<readonly Space[]>
  listAudiences(spaceId: string, signal: AbortSignal): Promise<readonly Audience[]>
  listComputedTraits(spaceId: string, signal: AbortSignal): Promise<readonly ComputedTrait[]>
  listSubscriptions(destinationId: string, signal: AbortSignal): Promise<readonly Subscription[]>
  listFilters(destinationId: string, signal: AbortSignal): Promise<readonly DestinationFilter[]>
}
