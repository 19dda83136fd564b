import type { Json } from '@engage-sync/contract'

/** Names one profile: an identifier type of Segment and its value. */
export interface ProfileKey {
  /** Such as `user_id`, `email`, `anonymous_id`. */
  readonly type: string
  readonly id: string
}

/** A trait's value and when it was last computed. */
export interface ProfileTrait {
  readonly value: Json
  /** ISO 8601, or null when Segment does not say. */
  readonly updatedAt: string | null
}

/** An identifier of a profile. */
export interface ProfileExternalId {
  readonly type: string
  readonly id: string
  /** ISO 8601, or null when Segment does not say. */
  readonly createdAt: string | null
}

/** An event of a profile; the API keeps 14 days of them. */
export interface ProfileEvent {
  readonly type: string
  readonly event: string | null
  /** ISO 8601. */
  readonly timestamp: string | null
  readonly messageId: string | null
  readonly properties: Json
}

/** When a profile was made and last changed, ISO 8601; null when Segment does not say. */
export interface ProfileMetadata {
  readonly createdAt: string | null
  readonly updatedAt: string | null
  readonly expiresAt: string | null
}

/** Which traits to ask for. */
export interface TraitsQuery {
  /** Only computations of this class. */
  readonly class?: 'audience' | 'computed_trait'
  /** Only these names. Lists too long for a URL are split. */
  readonly include?: readonly string[]
}

/** Which events to ask for. */
export interface EventsQuery {
  /** Only these event names. */
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  /** ISO 8601. */
  readonly start?: string
  /** ISO 8601. */
  readonly end?: string
  /** Default `desc`: newest first. */
  readonly sort?: 'asc' | 'desc'
}

/**
 * Segment's Profile API for one space.
 *
 * All pages are read. Null (or nothing) for a profile Segment does not have.
 */
export interface ProfileApi {
  /** Traits by name. */
  traits(
    profile: ProfileKey,
    query: TraitsQuery,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ProfileTrait> | null>
  externalIds(
    profile: ProfileKey,
    signal: AbortSignal,
  ): Promise<readonly ProfileExternalId[] | null>
  /** Events one after another, page by page. */
  events(profile: ProfileKey, query: EventsQuery, signal: AbortSignal): AsyncIterable<ProfileEvent>
  metadata(profile: ProfileKey, signal: AbortSignal): Promise<ProfileMetadata | null>
}
