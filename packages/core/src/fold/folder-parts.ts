import type { RowDecoder } from '@engage-sync/contract'
import type { OpenRows } from '../rows/pending/open-rows.ts'
import type { AliasOwners } from './alias-owners.ts'
import type { CountedBefore } from './counted-before.ts'
import type { FoldListener } from './counts.ts'
import type { UnansweredSlots } from './fold-cursor.ts'
import type { UserKey } from '../rows/hash/user-key.ts'
import type { FoldProgram, KeyProgram } from './program.ts'
import type { RecordClasses } from './record-classes.ts'

/** What a `Folder` works with. */
export interface FolderParts {
  readonly program: FoldProgram
  readonly rows: OpenRows
  readonly decoder: RowDecoder
  readonly listener: FoldListener
  readonly pass?: FoldPass | null
  readonly reportsAgain?: boolean
  /** What was given before comes again: a value that was refused then is a duplicate. */
  readonly repeats?: boolean
  /**
   * The newest values are told again though nothing changed; their slots' times were set back for
   * it.
   */
  readonly resends?: boolean
  /** That something is gone is told again, too. Default false. */
  readonly resendsAbsent?: boolean
  /** Of these mappings alone, by id. Default: of all. */
  readonly resendMappings?: ReadonlySet<string> | null
  /**
   * Records were folded before, by other mappings: those that say nothing to this program are
   * skipped.
   */
  readonly isHistory?: boolean
  /** How many of the first records waited since an earlier run. */
  readonly waiting?: number
  /** What of those may have been sent; anything, where it is not given. */
  readonly unanswered?: UnansweredSlots
  /** What of them was counted when they came, and is not again. Default: nothing. */
  readonly countedBefore?: CountedBefore | null
  /**
   * Ends of what runs that did not end had read of the others, as numbers of records, ascending.
   */
  readonly ends?: readonly number[]
}

/** One of several passes over a source, each folding the users of some partitions. */
export interface FoldPass {
  /** By partition: 1 when this pass folds it. */
  readonly only: Uint8Array
  /** Aliases that are folded where their user is; null when no alias is promoted. */
  readonly owners: AliasOwners | null
  /** What concerns no user is counted in the first pass. */
  readonly isFirst: boolean
  /** Shared by all passes. */
  readonly classes: RecordClasses
}

/** How users who are gone are deleted. */
export interface MissingUsers {
  /** Event time of their nulls, milliseconds. */
  readonly time: number
  /** Leaves rows of aliases alone: whom they belong to is not settled yet. */
  readonly skipsAliases: boolean
}

/** A user Segment asks to forget. */
export interface AskedDeletion {
  readonly identity: number
  readonly key: UserKey
  /** Of the record, milliseconds. */
  readonly time: number
}

/** Columns of the mappings that are sent again; null where all are. */
export function resendColumnsOf({
  program,
  resendMappings = null,
}: Pick<FolderParts, 'program' | 'resendMappings'>): ReadonlySet<number> | null {
  if (resendMappings === null) return null
  const slots = program.keys.flat().flatMap((key) => key.slots)
  return new Set(
    slots.flatMap(({ mapping, column }) => (resendMappings.has(mapping.id) ? [column] : [])),
  )
}

/** Columns a key is folded into. */
export function columnsOf({ slots }: KeyProgram): readonly number[] {
  return slots.map(({ column }) => column)
}

/** What each sync does with its keys; none without any. */
export function keysOfSyncs({ syncs, keys }: FoldProgram): readonly (readonly KeyProgram[])[] {
  const all = keys.flat()
  return syncs
    .map((_, sync) => all.filter((program) => program.sync === sync))
    .filter((programs) => programs.length > 0)
}
