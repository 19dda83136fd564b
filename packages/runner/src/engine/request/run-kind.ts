import { userName } from '@engage-sync/core'
import type { CompiledSync } from '@engage-sync/core'
import type { LetterChoice } from '../../state/reading/dead-letters.ts'

/** A sync that could run and is not among those chosen. */
export type UnselectedSync = Pick<CompiledSync, 'name' | 'source'>

/**
 * What kind of run it is: what is read, which rows are prepared, whether users may be deferred, and
 * what is committed at the end. Steps ask these answers, never the kind's name.
 *
 * A kind is plain data; `someUsers` and `someSyncs` narrow another one.
 */
export interface RunKind {
  readonly name: 'incremental' | 'window' | 'reread' | 'resend' | 'retry' | 'adopt'
  /**
   * `new`: what stands after the saved positions, and the history where a mapping needs it.
   * `everything`: the sources from their beginning. `dead letters`: no source at all.
   */
  readonly reads: 'new' | 'everything' | 'dead letters'
  /** The dead letters of a retry; null for the others. */
  readonly letters: LetterChoice | null
  /** Whom it works on, by external id or alias name; null for everybody. */
  readonly onlyUsers: ReadonlySet<string> | null
  /**
   * Enabled syncs that are not in it: positions of their sources stay, and who waits for them goes
   * on waiting.
   */
  readonly unselected: readonly UnselectedSync[]
  readonly prepares: PreparedRows
  /** Folds the records of users an earlier run deferred. */
  readonly foldsDeferred: boolean
  /**
   * Counts what waited as any other record, since it read it. Otherwise it is counted once: when it
   * came, or now where it was not folded then.
   */
  readonly countsDeferred: boolean
  /** Users who cannot be finished may wait durably while the source goes on. */
  readonly defersUsers: boolean
  /** Joins aliases with the users they turn out to be. */
  readonly joinsAliases: boolean
  /** Gives cohorts that are there the names the configuration has for them: that concerns all their members. */
  readonly renamesCohorts: boolean
  /** Believes a source that says it gave everybody: who was in no record is gone. */
  readonly deletesMissing: boolean
  readonly commits: CommittedAtEnd
}

/**
 * Which rows are prepared before anything is folded into them, beside those a changed mapping
 * concerns.
 */
export interface PreparedRows {
  /** Those whose segments the passing of time alone may change. */
  readonly due: boolean
  /**
   * All, where a segment is new or changed. Otherwise its members stay as they are, to be judged by
   * the next run.
   */
  readonly changedSegments: boolean
  /** Those that hold an attribute to be retired. */
  readonly retired: boolean
  /** All: what they were sent is sent again. */
  readonly sent: boolean
  /** With `sent`: that something is gone is told again, too. */
  readonly absent: boolean
  /** Of these mappings alone, by id; null for all. */
  readonly onlyMappings: ReadonlySet<string> | null
}

/** What becomes durable of a run beside what was delivered. */
export interface CommittedAtEnd {
  /** At its start: which mappings are born with it. */
  readonly births: boolean
  /**
   * Before the first byte leaves: what it has read, so that the next run doubts just that, should
   * this one not end.
   */
  readonly sendStart: boolean
  /** At its end: source positions, meanings of mappings, and the users who wait. */
  readonly positions: boolean
  /** At its end: which attributes were retired. */
  readonly retired: boolean
  /** At its end: when segments change by time; otherwise a time that was due earlier stays. */
  readonly dueTimes: boolean
}

/** What is new, for everybody: the run of a schedule. */
export const INCREMENTAL: RunKind = {
  name: 'incremental',
  reads: 'new',
  letters: null,
  onlyUsers: null,
  renamesCohorts: true,
  unselected: [],
  prepares: {
    due: true,
    changedSegments: true,
    retired: true,
    sent: false,
    absent: false,
    onlyMappings: null,
  },
  foldsDeferred: true,
  countsDeferred: true,
  defersUsers: true,
  joinsAliases: true,
  deletesMissing: true,
  commits: { births: true, sendStart: true, positions: true, retired: true, dueTimes: true },
}

/**
 * One window of a stream: an ordinary run came before, so nothing is left to be prepared; and what
 * is due, the stream itself knows.
 */
export const WINDOW: RunKind = {
  ...INCREMENTAL,
  name: 'window',
  prepares: { ...INCREMENTAL.prepares, due: false },
  countsDeferred: false,
  deletesMissing: false,
}

/** Everything from the beginning; sends only what changed. */
export const REREAD: RunKind = { ...INCREMENTAL, name: 'reread', reads: 'everything' }

/**
 * Everything from the beginning, and sends attributes and memberships again though nothing changed.
 */
export const RESEND: RunKind = {
  ...INCREMENTAL,
  name: 'resend',
  reads: 'everything',
  prepares: { ...INCREMENTAL.prepares, sent: true },
  defersUsers: false,
}

/**
 * Takes for delivered what the destination holds already. What it does not hold is for the next run
 * to send, so that nothing counts as read.
 */
export const ADOPT_HELD: RunKind = {
  ...INCREMENTAL,
  name: 'adopt',
  prepares: { ...INCREMENTAL.prepares, retired: false },
  deletesMissing: false,
  commits: { births: true, sendStart: false, positions: false, retired: false, dueTimes: false },
}

/**
 * The same for users of whom the destination is known to hold something else: what it should not
 * hold is taken away, too.
 */
export function repairOf(users: ReadonlySet<string>): RunKind {
  return someUsers(users, { ...RESEND, prepares: { ...RESEND.prepares, absent: true } })
}

/** The same for some mappings and segments alone, by id; the others go on as in an ordinary run. */
export function resendOf(mappings: ReadonlySet<string>): RunKind {
  return { ...RESEND, prepares: { ...RESEND.prepares, onlyMappings: mappings } }
}

/** Dead letters instead of the sources: too little is read to judge anything else by it. */
export function retryOf(letters: LetterChoice): RunKind {
  return {
    ...INCREMENTAL,
    name: 'retry',
    reads: 'dead letters',
    letters,
    prepares: {
      due: false,
      changedSegments: false,
      retired: false,
      sent: false,
      absent: false,
      onlyMappings: null,
    },
    foldsDeferred: false,
    defersUsers: false,
    joinsAliases: false,
    deletesMissing: false,
    commits: { births: true, sendStart: false, positions: false, retired: false, dueTimes: false },
  }
}

/**
 * The same for these users alone: positions stay, and so does what is due or retired for others.
 */
export function someUsers(users: ReadonlySet<string>, kind: RunKind = INCREMENTAL): RunKind {
  return {
    ...kind,
    onlyUsers: users,
    renamesCohorts: false,
    defersUsers: false,
    deletesMissing: false,
    commits: { ...kind.commits, births: false, positions: false, retired: false, dueTimes: false },
  }
}

/** The same without some syncs; all of them when there are none. */
export function someSyncs(
  unselected: readonly UnselectedSync[],
  kind: RunKind = INCREMENTAL,
): RunKind {
  return unselected.length === 0
    ? kind
    : { ...kind, unselected, commits: { ...kind.commits, dueTimes: false } }
}

/**
 * Whether a run works on a user, by the text rows hold: an external id, or `label NUL name` of an
 * alias.
 */
export function worksOn({ onlyUsers }: Pick<RunKind, 'onlyUsers'>, user: string): boolean {
  return onlyUsers === null || onlyUsers.has(userName(user))
}
