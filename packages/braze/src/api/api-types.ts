import type { RefusedObject } from '../errors.ts'

/** An alias as Braze writes it. */
export interface BrazeAlias {
  readonly alias_name: string
  readonly alias_label: string
}

/**
 * Who an object is about: one primary identifier, or email or phone without one.
 *
 * @see https://www.braze.com/docs/api/objects_filters/user_attributes_object/
 */
export type BrazeIdentity =
  | { readonly external_id: string; readonly user_alias?: never; readonly braze_id?: never }
  | { readonly user_alias: BrazeAlias; readonly external_id?: never; readonly braze_id?: never }
  | { readonly braze_id: string; readonly external_id?: never; readonly user_alias?: never }
  | {
      readonly email: string
      readonly external_id?: never
      readonly user_alias?: never
      readonly braze_id?: never
    }
  | {
      readonly phone: string
      readonly external_id?: never
      readonly user_alias?: never
      readonly braze_id?: never
    }

/** Whether somebody may be written to. */
export type BrazeSubscriptionState = 'opted_in' | 'subscribed' | 'unsubscribed'

/**
 * The attributes every profile has; null unsets one.
 *
 * @see https://www.braze.com/docs/api/objects_filters/user_attributes_object/
 */
export interface BrazeStandardAttributes {
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | null
  readonly current_location?: { readonly longitude: number; readonly latitude: number } | null
  /** ISO 8601. */
  readonly date_of_first_session?: string | null
  /** ISO 8601. */
  readonly date_of_last_session?: string | null
  /** `YYYY-MM-DD`. */
  readonly dob?: string | null
  readonly email?: string | null
  readonly email_subscribe?: BrazeSubscriptionState
  readonly email_open_tracking_disabled?: boolean
  readonly email_click_tracking_disabled?: boolean
  readonly first_name?: string | null
  readonly gender?: 'M' | 'F' | 'O' | 'N' | 'P' | null
  readonly home_city?: string | null
  /** At most 1,024 characters. */
  readonly image_url?: string | null
  /** ISO 639-1. */
  readonly language?: string | null
  readonly last_name?: string | null
  /** ISO 8601. */
  readonly marked_email_as_spam_at?: string | null
  /** E.164. */
  readonly phone?: string | null
  readonly push_subscribe?: BrazeSubscriptionState
  readonly push_tokens?:
    | readonly { readonly app_id: string; readonly token: string; readonly device_id?: string }[]
    | null
  readonly subscription_groups?: readonly {
    readonly subscription_group_id: string
    readonly subscription_state: 'subscribed' | 'unsubscribed'
  }[]
  /** A name of the IANA database. */
  readonly time_zone?: string | null
}

/** One object of `attributes`: who, options, and the attributes themselves. */
export type BrazeAttributes = BrazeIdentity &
  BrazeStandardAttributes & {
    /** Never create the profile. Braze's default is false, and true for aliases. */
    readonly _update_existing_only?: boolean
    /** Merge nested objects instead of replacing them. */
    readonly _merge_objects?: boolean
    readonly [attribute: string]: unknown
  }

/** One object of `events`. */
export type BrazeEvent = BrazeIdentity & {
  readonly name: string
  /** ISO 8601. */
  readonly time: string
  readonly app_id?: string
  readonly properties?: Readonly<Record<string, unknown>>
  readonly _update_existing_only?: boolean
}

/**
 * One object of `purchases`. Braze means to replace purchase events by its recommended eCommerce
 * events (`ecommerce.order_placed`), which are events like others: build nothing new on these.
 */
export type BrazePurchase = BrazeIdentity & {
  readonly product_id: string
  readonly currency: string
  readonly price: number
  readonly quantity?: number
  /** ISO 8601. */
  readonly time: string
  readonly properties?: Readonly<Record<string, unknown>>
  readonly _update_existing_only?: boolean
}

/** Body of `/users/track`. */
export interface TrackBody {
  readonly attributes?: readonly BrazeAttributes[]
  readonly events?: readonly BrazeEvent[]
  readonly purchases?: readonly BrazePurchase[]
}

/** What Braze says of a call that it took, at least in part. */
export interface CallResult {
  readonly refused: readonly RefusedObject[]
  readonly requestId: string | null
}

/** How many objects Braze took; null where it does not say. They are queued, not applied. */
export interface TrackResult extends CallResult {
  readonly attributes: number | null
  readonly events: number | null
  readonly purchases: number | null
  /** `/users/track/sync` alone: the users as they are after the change. */
  readonly users: readonly Readonly<Record<string, unknown>>[]
}

/** Body of `/users/identify`; at least one list. */
export interface IdentifyBody {
  readonly aliases_to_identify?: readonly {
    readonly external_id: string
    readonly user_alias: BrazeAlias
  }[]
  readonly emails_to_identify?: readonly {
    readonly external_id: string
    readonly email: string
    readonly prioritization: readonly string[]
  }[]
  readonly phone_numbers_to_identify?: readonly {
    readonly external_id: string
    readonly phone: string
    readonly prioritization: readonly string[]
  }[]
}

/** One side of a merge. */
export type MergeIdentifier =
  | { readonly external_id: string }
  | { readonly user_alias: BrazeAlias }
  | { readonly email: string; readonly prioritization: readonly string[] }
  | { readonly phone: string; readonly prioritization: readonly string[] }

/** Users of one kind to delete. */
export type DeleteBody =
  | { readonly external_ids: readonly string[] }
  | { readonly user_aliases: readonly BrazeAlias[] }
  | { readonly braze_ids: readonly string[] }
  | {
      readonly email_addresses: readonly {
        readonly email: string
        readonly prioritization: readonly string[]
      }[]
    }
  | {
      readonly phone_numbers: readonly {
        readonly phone: string
        readonly prioritization: readonly string[]
      }[]
    }

/** Body of `/users/export/ids`. */
export interface ExportBody {
  readonly external_ids?: readonly string[]
  readonly user_aliases?: readonly BrazeAlias[]
  readonly device_id?: string
  readonly braze_id?: string
  readonly email_address?: string
  readonly phone?: string
  /** Required for accounts from 2024-08-22 on. */
  readonly fields_to_export: readonly string[]
}

/** Body of `/users/export/segment`. */
export interface SegmentExportBody {
  readonly segment_id: string
  readonly fields_to_export: readonly string[]
  /** Called by Braze when the archive is ready. */
  readonly callback_endpoint?: string
  readonly output_format?: 'zip' | 'gzip'
}

/** A user as Braze exports it; empty members are left out. */
export interface BrazeExportedUser {
  readonly external_id?: string
  readonly user_aliases?: readonly BrazeAlias[]
  readonly custom_attributes?: Readonly<Record<string, unknown>>
  readonly custom_events?: readonly {
    readonly name: string
    readonly first: string
    readonly last: string
    readonly count: number
  }[]
  readonly [member: string]: unknown
}

/**
 * Memberships to change in one cohort. A user stands in one object only, since Braze documents no
 * order among them.
 */
export interface CohortChange {
  readonly user_ids?: readonly string[]
  /** Anonymous users only. */
  readonly device_ids?: readonly string[]
  readonly aliases?: readonly BrazeAlias[]
  /** Default false: add. */
  readonly should_remove?: boolean
}

/** Users of a subscription group. */
export interface SubscriptionUsers {
  readonly external_id?: readonly string[]
  readonly email?: readonly string[]
  readonly phone?: readonly string[]
}
