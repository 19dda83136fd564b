import type { DecodePlan, IdentityRule, Json, Trust, WantedKey } from '@engage-sync/contract'
import type { CompiledFilter, Timing } from '../filter/compiled.ts'
import type { EncodeResult } from '../values/encode-result.ts'
import type { Encoding } from './encoding.ts'
import type { MappingOptions } from './options.ts'

/** One trait, audience or enrichment of one sync, compiled. */
export interface CompiledMapping {
  /** `<sync>:traits.<key>`, `<sync>:audiences.<key>`, `<sync>:enrichment.<key>`. */
  readonly id: string
  readonly sync: string
  readonly wanted: WantedKey
  /** Value type declared or inferred, or null when any goes. */
  readonly type: string | null
  /** Cast of the source value to the declared type, shared by all encodings and filters. */
  readonly cast: (value: Json) => EncodeResult
  /**
   * What it becomes, at most one of a kind: attribute, event, cohort, subscription group. Empty
   * when nothing is sent.
   */
  readonly encodings: readonly Encoding[]
  readonly backfill: boolean
  /** Of the compiled meaning: equal text means nothing changed. */
  readonly fingerprint: string
  /** What it is set to, for people. */
  readonly options: MappingOptions
  readonly timing: Timing
}

/** A segment of one sync, compiled. */
export interface CompiledSegment {
  /** `<sync>:segments.<key>`. */
  readonly id: string
  readonly sync: string
  readonly filter: CompiledFilter
  /** Casts for the operands: the type their trait is declared (or inferred) to have. */
  readonly castFor: (operand: {
    readonly kind: 'trait' | 'audience'
    readonly key: string
  }) => (value: Json) => EncodeResult
  /** What belonging becomes, as of a mapping. */
  readonly encodings: readonly Encoding[]
  readonly backfill: boolean
  readonly fingerprint: string
  readonly options: MappingOptions
}

/** One sync file, compiled. */
export interface CompiledSync {
  readonly name: string
  /** Name of a source of the environment, or the key of an in-place one. */
  readonly source: string
  /** Which member of the source's events is their time; the same for all syncs of a source. */
  readonly timeField: DecodePlan['timeField']
  /**
   * Whose records count, the same for all syncs of a source; null for a source that only Segment
   * itself writes.
   */
  readonly trust: Trust | null
  readonly identity: IdentityRule
  readonly createUsers: boolean
  readonly promote: 'identify' | 'merge' | 'never'
  readonly mappings: readonly CompiledMapping[]
  readonly segments: readonly CompiledSegment[]
  readonly moved: readonly { readonly from: string; readonly to: string }[]
  /** The sync as it was before some of them: as many of everything, in the same order. */
  readonly before: (moves: CompiledSync['moved']) => CompiledSync
  readonly retire: readonly { readonly attribute: string; readonly by: 'unset' }[]
  /** What it is set to beside its mappings, for people. */
  readonly options: MappingOptions
  readonly fingerprint: string
}
