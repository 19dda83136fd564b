import { userKeyOf } from '@engage-sync/core'
import type { DeadLetter, OpenPartition, StateStore } from '@engage-sync/core'
import { eachDeadLetter } from '../../state/reading/dead-letters.ts'
import { WAITING_CODE } from '../../state/format/place-checksums.ts'
import { decodeDeferred } from '../../state/values/letter-payload.ts'
import type { Partitions, PassShard } from '../partitions/index.ts'
import { retellVerdict } from '../partitions/index.ts'
import { worksOn } from '../request/index.ts'
import type { RunKind } from '../request/index.ts'
import type { DeferredUser } from './deferred-user.ts'
import { UnansweredColumns } from './unanswered-columns.ts'

/** Code of the letters of users who wait for the next run. */
export const WAITING = WAITING_CODE

/** What is durable of such a user: the records of one source to be folded again, before the source goes on. */
export interface DeferredLetter extends DeferredUser {
  readonly id: number
  /** Empty when the row is only to be looked at again. */
  readonly source: string
  readonly records: readonly string[]
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

  /** Those of the sources a run reads. */
  static async load(
    store: StateStore,
    kind: RunKind,
    sources: { has(source: string): boolean },
  ): Promise<DeferredUsers> {
    return new DeferredUsers(kind.foldsDeferred ? await waitingLetters(store, sources) : [], kind)
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

/** What waits of these sources, oldest first. */
export async function waitingLetters(
  store: StateStore,
  sources: { has(source: string): boolean },
): Promise<readonly DeferredLetter[]> {
  const letters: DeferredLetter[] = []
  for await (const letter of eachDeadLetter(store, { code: WAITING }))
    letters.push(deferredLetter(letter))
  return letters.filter(({ source }) => source === '' || sources.has(source)).toReversed()
}

function touchRow(open: OpenPartition, user: string, doubted: readonly number[]): void {
  const row = open.rows.findKey(userKeyOf(user))
  if (row < 0) return
  open.pending.ensureRow(row)
  open.pending.notes.touch(row)
  for (const column of doubted) retellVerdict(open, row, column)
}

function deferredLetter({ id, place, payload, subject }: DeadLetter): DeferredLetter {
  return {
    id: id!,
    partition: subject!.partition,
    user: subject!.user,
    source: place,
    ...decodeDeferred(payload),
  }
}
