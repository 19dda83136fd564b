import type { DeadLetter, OnDelete, Reasons, SourcePosition } from '@engage-sync/core'
import type { UnconfirmedSends } from '../../state/values/values.ts'
import type { AliasMerges, OpenHandover } from '../aliases/index.ts'
import type { DeadLetterContext } from '../dead-letters/index.ts'
import type { DeferredUsers } from '../deferred/index.ts'
import type { ResolvedMappings } from '../mappings/index.ts'
import type { Partitions } from '../partitions/index.ts'
import type { ForgottenUser } from '../privacy/index.ts'
import type { RetriedLetters } from '../retry/index.ts'
import type {
  FrozenRecords,
  HeldRecords,
  RecordListener,
  RecordReading,
  SourceReading,
} from './range-folder.ts'
import type { ReadRange } from './ranges.ts'

/** What one pass over the sources gave. */
export interface Folded {
  readonly readings: readonly SourceReading[]
  readonly merged: AliasMerges
  readonly letters: readonly DeadLetter[]
  readonly forgotten: readonly ForgottenUser[]
}

/** What a run folds, and into what. */
export interface SourceFoldInputs {
  readonly reading: RecordReading
  /** By source. */
  readonly ranges: ReadonlyMap<string, readonly ReadRange[]>
  readonly mappings: ResolvedMappings
  readonly partitions: Partitions
  /** Partitions that are opened whatever the sources say. */
  readonly mustOpen: (partition: number) => boolean
  readonly deferred: DeferredUsers
  /** Users whose records wait instead of being folded. Default: nobody. */
  readonly held?: HeldRecords | null
  /** Users of whom a membership stays as it is. */
  readonly frozen: FrozenRecords
  readonly unconfirmed: UnconfirmedSends
  readonly retried: RetriedLetters | null
  /** Sources that were read before: finding one empty is a surprise. */
  readonly saved: ReadonlyMap<string, SourcePosition>
  /** @throws {SyncError} `GUARD_EMPTY_SOURCE` unless that is allowed */
  readonly refuseEmpty: (source: string) => void
  /** Rows of aliases that others handed over to their users. */
  readonly handovers: readonly OpenHandover[]
  /** Rows and pending values beyond this are folded in several passes, bytes. */
  readonly budgetBytes: number
  /** Partitions that are folded; those of others are left to them. Default: all. */
  readonly only?: ReadonlySet<number> | undefined
  /** What a request to forget a user does, by sync name. */
  readonly onDelete: ReadonlyMap<string, OnDelete>
  readonly letters: DeadLetterContext
  readonly onRead: RecordListener['onRead']
  readonly reasons: Reasons
}
