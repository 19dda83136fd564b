import type { DecodePlan, IdentityRule, Json, Rejection, WantedKey } from '@engage-sync/contract'
import type { Leaf } from '../filter/compiled.ts'
import type { CompiledMapping, CompiledSegment, CompiledSync } from '../mapping/compiled.ts'
import type { EncodedSlot, EventEncoding } from '../mapping/encoding.ts'
import type { ColumnKind, Layout } from '../rows/layout.ts'
import type { EncodeResult } from '../values/encode-result.ts'
import type { DigestCache } from './digest-cache.ts'

/** What one slot does with a value of its key. */
export type SlotProgram = EncodedSlot & SlotRules

/** How a value is taken into a slot. */
interface SlotRules {
  /** @internal Word offset in the row. */
  readonly offset: number
  readonly mapping: CompiledMapping
  readonly encode: (value: Json) => EncodeResult
  /** By first byte of a canonical value: 1 when its bytes need no encoding to be compared. */
  readonly plain: Uint8Array
  /** Whether objects in a value go without their null members, so that their bytes are not it. */
  readonly omitsNulls: boolean
  /**
   * Whether a plain value with this first byte and byte length is surely acceptable, so that
   * nothing needs parsing.
   */
  readonly quick: (firstByte: number, length: number) => boolean
  readonly ignoreNull: boolean
  readonly bornAt: number
  readonly backfill: boolean
  /** Whether the value delivered last is stored as text, because differences are sent. */
  readonly storesText: boolean
  readonly cache: DigestCache
}

/**
 * One leaf's verdict: a bit in the row, stored as the difference from the verdict for an absent
 * value.
 */
export interface LeafProgram {
  readonly leaf: Extract<Leaf, { type: 'value' | 'time' }>
  readonly counter: null
  readonly column: number
  /**
   * @internal Word offset of the verdict bit, and its mask; for time leaves the offset of the
   * instant.
   */
  readonly offset: number
  /** @internal */
  readonly mask: number
}

/** A leaf that counts events. */
export interface CountedLeaf {
  readonly leaf: Extract<Leaf, { type: 'event' }>
  readonly counter: CounterProgram
}

/** What filters need to know of a key: the newest value's verdicts. */
export interface OperandProgram {
  readonly column: number
  /** @internal */
  readonly offset: number
  readonly cast: (value: Json) => EncodeResult
  readonly leaves: readonly LeafProgram[]
  /** Columns whose content follows from this operand, written with it. */
  readonly columns: readonly number[]
}

/** What one sync does with a wanted key. */
export interface KeyProgram {
  readonly sync: number
  readonly identity: number
  readonly seenColumn: number
  /** @internal */
  readonly seenOffset: number
  readonly slots: readonly SlotProgram[]
  readonly operands: readonly OperandProgram[]
}

/** A segment with the places of its leaves. */
export interface SegmentProgram {
  readonly sync: number
  readonly segment: CompiledSegment
  /** @internal */
  readonly seenOffset: number
  /** By leaf index of the filter. */
  readonly leaves: readonly (LeafProgram | CountedLeaf)[]
  readonly slots: readonly EncodedSlot[]
  readonly bornAt: number
}

/** Delivered events of one name (and perhaps one mapping) are counted here. */
export interface CounterProgram {
  readonly name: string
  /** Mapping ids whose events count; null for all of the name. */
  readonly mappings: ReadonlySet<string> | null
  readonly column: number
  readonly daily: boolean
}

/** What an event column sends: the same for mappings and segments. */
export interface EventProgram {
  /** Mapping or segment id. */
  readonly id: string
  readonly event: EventEncoding
  /** It tells of belonging: a first `false` is no leaving. */
  readonly isMembership: boolean
  readonly backfill: boolean
}

/** All syncs of one source, ready to fold. */
export interface FoldProgram {
  readonly syncs: readonly CompiledSync[]
  readonly plan: DecodePlan
  /** By sync: index of its rule in `plan.identities`. */
  readonly identityOfSync: readonly number[]
  /** By key index. */
  readonly keys: readonly (readonly KeyProgram[])[]
  readonly segments: readonly SegmentProgram[]
  readonly counters: readonly CounterProgram[]
  readonly layout: Layout
  /** By column number; undefined for columns that are no slot of a mapping. */
  readonly slotByColumn: readonly (SlotProgram | undefined)[]
  /** By column number; undefined for columns that send no events. */
  readonly eventByColumn: readonly (EventProgram | undefined)[]
}

/** A column some program needs, to be allotted before `buildProgram`. */
export interface NeededColumn {
  readonly id: string
  readonly kind: ColumnKind
}

/** Column whose stored text names the external id of the user an alias was merged into. */
export const MERGED_COLUMN = '#promoted'

/**
 * What a sync knows of a row's user: nothing while zero; that there are records; that the source no
 * longer has any.
 */
export const SEEN = 1
export const GONE = 2

/** Column id of what a sync knows of a row's user. */
export function seenId(sync: string): string {
  return `${sync}#seen`
}

/** Column id of an operand: what a sync's filters know of one key. */
export function operandId(
  sync: string,
  operand: { kind: string; key: string; path: readonly string[] },
): string {
  return `${sync}#operand:${operand.kind}.${[operand.key, ...operand.path].join('.')}`
}

/** Column id of a segment's verdict bits; a changed filter gets new ones. */
export function verdictsId(segment: CompiledSegment, word: number): string {
  return `${segment.id}#verdicts:${segment.fingerprint}:${word}`
}

/** Column id of the instant behind a time operand. */
export function instantId(
  sync: string,
  operand: { kind: string; key: string; path: readonly string[] },
): string {
  return `${operandId(sync, operand)}#instant`
}

/** Column id of the count of all delivered events of a name. */
export function nameCountId(name: string): string {
  return `count:${name}`
}

/** Column id of an event counter; a narrowed one belongs to its sync. */
export function counterId(sync: string, leaf: Extract<Leaf, { type: 'event' }>): string {
  const narrow = leaf.narrow === null ? '' : `|${sync}:${leaf.narrow.kind}.${leaf.narrow.key}`
  return `${leaf.withinDays === null ? 'count' : 'days'}:${leaf.name}${narrow}`
}

/** Verdict bits per column of kind `bits`. */
export const BITS_PER_COLUMN = 64

/** A rejection of a value, with what is needed to make a dead letter of it. */
export interface RejectedValue {
  readonly mapping: CompiledMapping
  readonly rejection: Rejection
}

/** The rules by which users are found, without repetition, and each sync's index into them. */
export function identitiesOf(syncs: readonly CompiledSync[]): {
  rules: IdentityRule[]
  bySync: number[]
} {
  const rules: IdentityRule[] = []
  const texts: string[] = []
  const bySync = syncs.map((sync) => {
    const text = JSON.stringify(sync.identity)
    if (!texts.includes(text)) {
      texts.push(text)
      rules.push(sync.identity)
    }
    return texts.indexOf(text)
  })
  return { rules, bySync }
}

/** Text by which wanted keys are told apart. */
export function wantedText(wanted: Pick<WantedKey, 'kind' | 'key' | 'path'>): string {
  return `${wanted.kind}\u0000${wanted.key}\u0000${wanted.path.join('\u0000')}`
}
