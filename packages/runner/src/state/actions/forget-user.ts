import {
  aliasText,
  forgetRow,
  partitionOf,
  readPartition,
  userKeyOf,
  writeSnapshot,
} from '@engage-sync/core'
import type { CommitGroup, Partition, StateStore } from '@engage-sync/core'
import { lettersAbout } from '../reading/dead-letters.ts'
import { purgeErased, purgeLater } from './purge.ts'
import { readLayout } from '../reading/row-layout.ts'
import { handoversAbout } from '../values/handovers.ts'
import { withoutUsers } from '../values/mark-intent.ts'

/** What was erased of a user. */
export interface Forgotten {
  readonly rows: number
  readonly deadLetters: number
  /** Events of requests without an answer; they are not sent again. */
  readonly markedEvents: number
  /**
   * False when files may still hold the user, since somebody reads the state: a later run purges
   * them.
   */
  readonly isPurged: boolean
}

/**
 * Erases a user from a state: rows, dead letters, marks, and every older trace of them in the
 * files.
 *
 * @param names - an external id, or `label:name` for an alias, in every way rows may write it
 * @param epoch - of the lease the caller holds
 */
export async function forgetUser(
  store: StateStore,
  names: readonly string[],
  epoch: number,
): Promise<Forgotten> {
  const texts = new Set(names.flatMap((name) => [name, ...aliasTexts(name)]))
  const snapshots = await forgetRows(store, texts)
  const letters = await lettersAbout(store, texts)
  const marks = (await store.openMarks())
    .map((mark) => withoutUsers(mark, texts))
    .filter(({ erased }) => erased > 0)
  await store.commit({
    epoch,
    snapshots,
    removeDeadLetters: letters,
    openMarks: marks.filter(({ left }) => left > 0).map(({ mark }) => mark),
    closeMarks: marks.filter(({ left }) => left === 0).map(({ mark }) => mark.id),
    values: [purgeLater, ...(await handoversAbout(store, texts))],
  })
  const isPurged = await purgeErased(store, () => epoch)
  const markedEvents = marks.reduce((sum, { erased }) => sum + erased, 0)
  return { rows: snapshots.length, deadLetters: letters.length, markedEvents, isPurged }
}

/** An alias is kept as `label NUL name`; labels hold no colon in practice, names may. */
function aliasTexts(user: string): readonly string[] {
  return [...user.matchAll(/:/g)].map(({ index }) =>
    aliasText(user.slice(0, index), user.slice(index + 1)),
  )
}

/** New snapshots of the partitions that held the user. */
async function forgetRows(
  store: StateStore,
  texts: ReadonlySet<string>,
): Promise<NonNullable<CommitGroup['snapshots']>> {
  const layout = await readLayout(store)
  const changed = new Map<number, Partition>()
  for (const text of texts) {
    const key = userKeyOf(text)
    const number = partitionOf(key)
    const partition =
      changed.get(number) ?? readPartition(number, layout, await store.loadPartition(number))
    const row = partition.findKey(key)
    if (row < 0) continue
    forgetRow(partition, row)
    changed.set(number, partition)
  }
  return [...changed].map(([number, partition]) => ({
    partition: number,
    bytes: writeSnapshot(partition),
  }))
}
