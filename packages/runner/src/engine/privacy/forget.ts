import { forgetRow, readPartition, writeSnapshot, zip } from '@engage-sync/core'
import type {
  Destination,
  OpenPartition,
  OpenRows,
  Partition,
  Rejection,
  Sent,
  StateStore,
  UserRef,
} from '@engage-sync/core'
import { lettersAbout } from '../../state/reading/dead-letters.ts'
import { purgeLater } from '../../state/actions/purge.ts'
import { handoversAbout } from '../../state/values/handovers.ts'
import type { Committer } from '../durable/index.ts'
import type { ForgottenUser } from './deletions.ts'

/** What forgetting users needs. */
export interface ForgetParts {
  readonly store: StateStore
  readonly rows: OpenRows
  readonly destination: Destination
  readonly committer: Committer
  readonly epoch: () => number
  readonly signal: AbortSignal
  /** Makes a call of the destination count. */
  readonly counted: (call: Promise<Sent>) => Promise<Sent>
  /** Told of users who are gone. @param deleted - of them, at the destination */
  readonly onForgotten: (users: number, deleted: number) => void
  /** Told why Braze refused to delete a user. */
  readonly onRefused: (rejection: Rejection) => void
}

/**
 * Erases users: in Braze where asked for, then rows, the older log of their partitions, and dead
 * letters. What is left of them in the files is due to be purged.
 *
 * Letters go last: one of them may be the request itself, which must outlive a process that dies
 * here.
 *
 * Shape: those that Braze did not delete: they stay for the next run.
 */
export async function forgetUsers(
  parts: ForgetParts,
  users: readonly ForgottenUser[],
): Promise<readonly ForgottenUser[]> {
  const kept = await deleteInBraze(parts, users)
  const gone = users.filter((user) => !kept.has(user))
  const partitions = new Set<number>()
  for (const { partition, row } of gone) {
    if (row < 0) continue
    forgetRow(parts.rows.at(partition).rows, row)
    partitions.add(partition)
  }
  await parts.committer.flush()
  for (const partition of partitions) {
    const open = parts.rows.at(partition)
    const isWhole = open.rows.stored === null
    const whole = isWhole ? open.rows : await wholeWithout(parts.store, open, gone)
    await parts.store.commit({
      epoch: parts.epoch(),
      snapshots: [{ partition, bytes: writeSnapshot(whole) }],
      values: [purgeLater],
    })
    if (isWhole) open.durableRows = open.rows.rows
  }
  await removeLetters(parts, new Set(gone.map(({ text }) => text)))
  parts.onForgotten(gone.length, gone.filter(({ inBraze }) => inBraze).length)
  return [...kept]
}

/**
 * Of a partition some rows of which are in memory: all of it as the state has it, without the users
 * who are gone.
 */
async function wholeWithout(
  store: StateStore,
  { rows }: OpenPartition,
  gone: readonly ForgottenUser[],
): Promise<Partition> {
  const whole = readPartition(rows.number, rows.layout, await store.loadPartition(rows.number))
  for (const { partition, row } of gone) {
    if (partition !== rows.number || row < 0) continue
    const stored = rows.storedRow(row)
    if (stored < whole.rows) forgetRow(whole, stored)
  }
  return whole
}

async function deleteInBraze(
  parts: ForgetParts,
  users: readonly ForgottenUser[],
): Promise<ReadonlySet<ForgottenUser>> {
  const { destination, signal, onRefused } = parts
  const kept = new Set<ForgottenUser>()
  const isAlias = (user: UserRef) => 'alias' in user
  for (const ofKind of [
    users.filter(({ user }) => !isAlias(user)),
    users.filter(({ user }) => isAlias(user)),
  ]) {
    const wanted = ofKind.filter(({ inBraze }) => inBraze)
    const most = destination.limits.usersPerDeletion
    for (let from = 0; from < wanted.length; from += most) {
      const batch = wanted.slice(from, from + most)
      const call = destination.deleteUsers(
        batch.map(({ user }) => user),
        signal,
      )
      const { outcomes } = await parts.counted(call)
      for (const [user, outcome] of zip(batch, outcomes)) {
        if (outcome.status !== 'delivered') kept.add(user)
        if (outcome.status === 'rejected') onRefused(outcome.rejection)
      }
    }
  }
  return kept
}

async function removeLetters(
  { store, committer }: ForgetParts,
  users: ReadonlySet<string>,
): Promise<void> {
  const letters = users.size === 0 ? [] : await lettersAbout(store, users)
  const handovers = users.size === 0 ? [] : await handoversAbout(store, users)
  for (const id of letters) committer.removeDeadLetter(id)
  for (const value of handovers) committer.setValue(value)
  if (letters.length + handovers.length > 0) committer.setValue(purgeLater)
  await committer.flush()
}
