import { userKeyOf, userName } from '@engage-sync/core'
import type { DeadLetter, OpenPartition, StateStore } from '@engage-sync/core'
import { eachDeadLetter } from '../../state/reading/dead-letters.ts'
import { decodeDeferred } from '../../state/values/letter-payload.ts'
import { retellVerdict } from '../durable/unconfirmed-sends.ts'
import type { PassShard } from '../partitions/pass-shard.ts'
import type { Session } from '../session.ts'

/** Code of the letters of users who wait for the next run. */
export const WAITING = 'PENDING_USER'

/** A user some of whose changes were neither delivered nor refused. */
export interface DeferredUser {
  readonly partition: number
  /** Text of the identifier, as rows hold it. */
  readonly user: string
  /** Columns of segments whose verdicts may have been sent without the row knowing of it: they are told again. */
  readonly doubted: readonly number[]
}

/** What is durable of such a user: the records of one source to be folded again, before the source goes on. */
export interface DeferredLetter extends DeferredUser {
  readonly id: number
  /** Empty when the row is only to be looked at again. */
  readonly source: string
  readonly records: readonly string[]
}

/** What earlier runs left waiting, oldest first. */
export async function loadDeferred(store: StateStore): Promise<readonly DeferredLetter[]> {
  const letters: DeferredLetter[] = []
  for await (const letter of eachDeadLetter(store, { code: WAITING })) letters.push(waitingOf(letter))
  return letters.reverse()
}

function waitingOf({ id, place, payload, subject }: DeadLetter): DeferredLetter {
  const { records, doubted } = decodeDeferred(payload)
  return { id: id!, partition: subject!.partition, user: subject!.user, source: place, records, doubted }
}

/** The letters this run folds: those of the sources it reads. */
export function foldedDeferred({ waiting, prepared }: Pick<Session, 'waiting' | 'prepared'>): readonly DeferredLetter[] {
  return waiting.filter(({ source }) => source === '' || prepared.programs.has(source))
}

/** The letters this run ends, by settling them or by writing them anew: not while other syncs wait for them, too. */
export function endedDeferred(session: Session): readonly DeferredLetter[] {
  return (session.options.leftOut ?? []).length > 0 ? [] : foldedDeferred(session)
}

/** The records that wait, of one source, each once: a record may concern several users. */
export function deferredRecords({ waiting }: Session, source: string): readonly string[] {
  return [...new Set(waiting.flatMap((letter) => (letter.source === source ? letter.records : [])))]
}

/** Has the rows of waiting users looked at again, whatever the sources say of them. */
export async function touchDeferred(session: Session, group: PassShard): Promise<void> {
  const { partitions, options } = session
  for (const { partition, user, doubted } of foldedDeferred(session)) {
    if (!partitions.isHere(partition, user, group)) continue
    if (options.onlyUsers !== null && !options.onlyUsers.has(userName(user))) continue
    const open = await partitions.open(partition)
    const row = rowOf(open, user)
    if (row < 0) continue
    open.pending.ensureRow(row)
    open.pending.notes.touch(row)
    for (const column of doubted) retellVerdict(open, row, column)
  }
}

/** The row of a user, by the text of the identifier; -1 when there is none. */
export function rowOf(open: OpenPartition, user: string): number {
  return open.rows.findKey(userKeyOf(user))
}
