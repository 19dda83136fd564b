import { userKeyOf } from '@engage-sync/core'
import type { CountedBefore, OpenPartition } from '@engage-sync/core'
import type { Partitions, PassShard } from '../partitions/index.ts'
import { retellVerdict } from '../partitions/index.ts'
import { worksOn } from '../request/index.ts'
import type { RunKind } from '../request/index.ts'
import type { DeferredUser } from './deferred-user.ts'
import type { FrozenUsers } from './frozen-users.ts'
import { UnansweredColumns } from './unanswered-columns.ts'
import type { DeferredLetter, WaitingLetters } from './waiting-letters.ts'

/** What decides which letters a run folds. */
interface Loading {
  readonly kind: RunKind
  /** Those it reads. */
  readonly sources: { has(source: string): boolean }
  /** Told whose memberships stay as they are. */
  readonly frozen: FrozenUsers
  /** Whether what a guard holds stays held. */
  readonly isFrozen: (guard: string) => boolean
}

/** The users earlier runs deferred, as far as a run has to do with them. */
export class DeferredUsers {
  readonly #letters: readonly DeferredLetter[]
  readonly #unanswered: UnansweredColumns
  readonly #kind: Pick<RunKind, 'onlyUsers' | 'unselected'>

  /**
   * @param letters - oldest first
   * @param kind - whom the run works on, and which syncs it leaves out
   */
  constructor(letters: readonly DeferredLetter[], kind: Pick<RunKind, 'onlyUsers' | 'unselected'>) {
    this.#letters = letters
    this.#unanswered = new UnansweredColumns(letters)
    this.#kind = kind
  }

  /** Those of the sources a run reads; what a guard holds, and nothing else, stays where it is. */
  static async load(
    letters: WaitingLetters,
    { kind, sources, frozen, isFrozen }: Loading,
  ): Promise<DeferredUsers> {
    const found: DeferredLetter[] = []
    if (kind.foldsDeferred)
      for await (const letter of letters.read()) {
        const { source, frozen: guards = [], isFrozenOnly = false } = letter
        const held = guards.filter((guard) => isFrozen(guard) && frozen.isMapped(guard))
        frozen.note(letter, held)
        const stays = isFrozenOnly && held.length === guards.length
        if (!stays && (source === '' || sources.has(source))) found.push(letter)
      }
    return new DeferredUsers(found.toReversed(), kind)
  }

  /** Whom they are of: each as often as there are letters. */
  get users(): readonly DeferredUser[] {
    return this.#letters
  }

  /** Letters the run ends, by settling them or by writing them anew: not while other syncs wait for them, too. */
  get ended(): readonly DeferredLetter[] {
    return this.#kind.unselected.length > 0 ? [] : this.#letters
  }

  /** The records that wait of one source, each once: a record may concern several users. */
  recordsOf(source: string): readonly string[] {
    return [
      ...new Set(
        this.#letters.flatMap((letter) => (letter.source === source ? letter.records : [])),
      ),
    ]
  }

  /** What of these was counted when they came. */
  countedOf(source: string): CountedBefore {
    const records = this.recordsOf(source)
    const letters = Map.groupBy(
      this.#letters.filter((letter) => letter.source === source),
      ({ user }) => user,
    )
    const ofUsers = new Map([...letters].map(([user, own]) => [user, uncountedOf(own)]))
    return {
      uncounted: (record, user) => {
        const uncounted = ofUsers.get(user)?.get(records[record] ?? '')
        return uncounted === undefined ? COUNTED : uncounted
      },
    }
  }

  /** Whether a value of a user may have been sent without an answer. */
  isUnanswered(user: string, column: number): boolean {
    return this.#unanswered.has(user, column)
  }

  /** Has the rows of a pass's deferred users looked at again, whatever the sources say of them. */
  async touch(partitions: Partitions, shard: PassShard): Promise<void> {
    for (const { partition, user, doubted } of this.#letters) {
      if (!partitions.isHere(partition, user, shard) || !worksOn(this.#kind, user)) continue
      touchRow(await partitions.open(partition), user, doubted)
    }
  }
}

const COUNTED: ReadonlySet<number> = new Set()

/** By record of a user, what was not counted; the same record may be in several letters. */
function uncountedOf(
  letters: readonly DeferredLetter[],
): ReadonlyMap<string, ReadonlySet<number> | null> {
  const found = new Map<string, ReadonlySet<number> | null>()
  for (const { records, uncounted = null } of letters)
    for (const text of records) found.set(text, uncounted === null ? null : new Set(uncounted))
  return found
}

function touchRow(open: OpenPartition, user: string, doubted: readonly number[]): void {
  const row = open.rows.findKey(userKeyOf(user))
  if (row < 0) return
  open.pending.ensureRow(row)
  open.pending.notes.touch(row)
  for (const column of doubted) retellVerdict(open, row, column)
}
