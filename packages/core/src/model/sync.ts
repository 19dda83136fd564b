import type { SourceConfig } from '../schema/source.ts'
import type { NormalisedAudience, NormalisedSegment, NormalisedTrait } from './mapping.ts'
import type { SourceRange } from './source-range.ts'

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
  /** External ids, and aliases that are addresses, are taken in lower case. */
  readonly lowerCase: boolean
  /** Identifiers that name nobody. */
  readonly refuse: readonly string[]
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
  /**
   * Name of the environment's source (or `<sync>` for one in place), and the source itself once the
   * environment knows it.
   */
  readonly source: {
    readonly name: string
    readonly config: SourceConfig | null
    readonly range: SourceRange
  }
  readonly backfill: boolean
  readonly identity: NormalisedIdentity
  readonly traits: ReadonlyMap<string, NormalisedTrait>
  readonly enrichment: ReadonlyMap<string, NormalisedTrait>
  readonly audiences: ReadonlyMap<string, NormalisedAudience>
  readonly segments: ReadonlyMap<string, NormalisedSegment>
  readonly moved: readonly {
    readonly from: string
    readonly to: string
    readonly range: SourceRange
  }[]
  readonly retire: readonly {
    readonly attribute: string
    readonly by: 'unset'
    readonly range: SourceRange
  }[]
  /** Null: as the environment says. */
  readonly onDelete: OnDelete | null
  readonly range: SourceRange
}
