import type { SourceRange } from './diagnostics.ts'
import type { CaseEventConfig, ExpectationConfig, ProfileConfig } from './schema/cases.ts'
import type { FilterConfig, ValueType } from './schema/filter.ts'
import type { BrazeInstance } from './schema/project.ts'
import type { SourceConfig } from './schema/source.ts'

/** A dotted name, split: `address.city` is `address` and `['city']`. */
export interface DottedName {
  readonly name: string
  readonly path: readonly string[]
}

/** Where a value goes, in long form. `name` is trimmed. */
export interface NormalisedAttribute extends DottedName {
  /** A standard Braze attribute. */
  readonly standard: boolean
  /** The text that stands for membership in a shared array attribute, or null. */
  readonly element: string | null
  readonly range: SourceRange
}

/** Which event properties travel: all (null), or these, from Segment's name to Braze's. */
export type PropertyRule = ReadonlyMap<string, string> | null

/** The event of a trait. */
export interface NormalisedEvent {
  readonly name: string
  readonly properties: PropertyRule
  readonly range: SourceRange
}

/** The events of a membership. */
export interface NormalisedMembershipEvent {
  readonly entered: string | null
  readonly exited: string | null
  readonly properties: PropertyRule
  readonly range: SourceRange
}

/** What traits, audiences and segments have in common. */
export interface NormalisedMapping {
  /** As written. */
  readonly key: string
  /** `<sync>:<section>.<key>`. */
  readonly id: string
  readonly attribute: NormalisedAttribute | null
  readonly backfill: boolean
  /** False: known to filters, never sent. */
  readonly send: boolean
  readonly description: string | null
  /** The whole mapping, its key, and (for diagnostics of one option) nothing finer. */
  readonly range: SourceRange
  readonly keyRange: SourceRange
}

/** A trait or enrichment mapping in long form, defaults applied. */
export interface NormalisedTrait extends NormalisedMapping {
  readonly kind: 'trait' | 'enrichment'
  /** The key, split at its dots. */
  readonly source: DottedName
  readonly event: NormalisedEvent | null
  /** Null: any type goes. */
  readonly type: ValueType | null
  /** Where the type comes from. */
  readonly typeFrom: 'declared' | 'standard' | 'filters' | null
  readonly onNull: 'unset' | 'keep'
  readonly array: 'replace' | 'update'
  /** Identifying member of the items of an array of objects, or null. */
  readonly idField: string | null
  readonly merge: boolean
}

/** What audiences and segments have in common. */
export interface NormalisedMembership extends NormalisedMapping {
  readonly event: NormalisedMembershipEvent | null
  readonly cohort: { readonly name: string; readonly range: SourceRange } | null
  readonly subscriptionGroup: { readonly id: string; readonly range: SourceRange } | null
  readonly onExit: 'false' | 'unset'
}

/** An audience mapping in long form, defaults applied. */
export interface NormalisedAudience extends NormalisedMembership {
  readonly kind: 'audience'
}

/** A segment in long form. */
export interface NormalisedSegment extends NormalisedMembership {
  readonly kind: 'segment'
  readonly when: FilterConfig
  readonly whenRange: SourceRange
}

/** How users are named in Braze, parsed. */
export interface NormalisedIdentity {
  readonly externalId:
    | { readonly from: 'userId' | 'email' }
    | { readonly from: 'externalIds'; readonly type: string }
    | { readonly from: 'traits'; readonly path: readonly string[] }
  readonly alias: {
    readonly from: 'anonymousId' | 'userId' | 'email'
    readonly label: string
    readonly promote: 'identify' | 'merge' | 'never'
  } | null
  readonly createUsers: boolean
}

/** What to do when Segment deletes a user. */
export type OnDelete = 'report' | 'forget' | 'delete'

/** A sync in long form, defaults applied. Maps are in the order of the file. */
export interface NormalisedSync {
  /** The file's name without `.yaml`. */
  readonly name: string
  readonly path: string
  readonly enabled: boolean
  readonly description: string | null
  readonly owner: string | null
  readonly tags: readonly string[]
  /** Name of the environment's source (or `<sync>` for one in place), and the source itself once the environment knows it. */
  readonly source: { readonly name: string; readonly config: SourceConfig | null; readonly range: SourceRange }
  readonly backfill: boolean
  readonly identity: NormalisedIdentity
  readonly traits: ReadonlyMap<string, NormalisedTrait>
  readonly enrichment: ReadonlyMap<string, NormalisedTrait>
  readonly audiences: ReadonlyMap<string, NormalisedAudience>
  readonly segments: ReadonlyMap<string, NormalisedSegment>
  readonly moved: readonly { readonly from: string; readonly to: string; readonly range: SourceRange }[]
  readonly retire: readonly { readonly attribute: string; readonly by: 'unset'; readonly range: SourceRange }[]
  /** Null: as the environment says. */
  readonly onDelete: OnDelete | null
  readonly range: SourceRange
}

/** The Braze workspace of an environment. Secrets are still references. */
export interface NormalisedBraze {
  /** `simulator`, or a URL without a trailing slash. */
  readonly endpoint: string
  readonly instance: BrazeInstance | null
  readonly apiKey: string | null
  readonly batch: 'combined' | 'per_array' | 'bulk'
  readonly requestsPerSecond: number | null
  readonly settleMs: number
  readonly companyTimeZone: string
  /** Null: no partner key, so no cohorts. The simulator always has one. */
  readonly cohorts: { readonly partner: string; readonly partnerApiKey: string; readonly dataImportKey: string } | null
}

/** Guards with shares as fractions. */
export interface NormalisedGuards {
  readonly maxRemovals: number
  readonly minRemovals: number
  readonly maxAdditions: number
  /** Null: no limit. */
  readonly maxDataPoints: number | null
  readonly emptySource: 'stop' | 'allow'
}

/** An environment in long form. Secrets are still references: `resolveSecrets` replaces them. */
export interface NormalisedEnvironment {
  readonly name: string
  readonly braze: NormalisedBraze
  readonly segment: {
    readonly region: 'us' | 'eu'
    readonly spaceId: string
    readonly profileApiToken: string | null
    readonly publicApiToken: string | null
  } | null
  readonly sources: ReadonlyMap<string, SourceConfig>
  readonly state: { readonly url: string | null; readonly keepValues: boolean; readonly deadLetterDays: number }
  readonly guards: NormalisedGuards
  readonly onUnknown: 'verify' | 'repeat' | 'skip'
  readonly onDelete: OnDelete
  readonly range: SourceRange
}

/** The project, its environments, and the one that was asked for. */
export interface NormalisedProject {
  readonly path: string
  readonly environments: ReadonlyMap<string, NormalisedEnvironment>
  /** The environment asked for; null when the project has no such one. */
  readonly environment: NormalisedEnvironment | null
}

/** One case in long form: users are always named, `now` is milliseconds. */
export interface NormalisedCase {
  readonly name: string
  readonly nowMs: number
  readonly user: string
  readonly profiles: ReadonlyMap<string, ProfileConfig>
  readonly events: readonly CaseEventConfig[]
  /** As written: a case with one user may leave the user level out. */
  readonly expect: ExpectationConfig
  readonly range: SourceRange
  readonly expectRange: SourceRange
}

/** The cases of one sync. */
export interface NormalisedCases {
  /** Name of the sync they test. */
  readonly sync: string
  readonly path: string
  readonly cases: readonly NormalisedCase[]
}

/** A configuration file: its path as shown in messages, and its text. */
export interface ConfigFile {
  readonly path: string
  readonly text: string
}
