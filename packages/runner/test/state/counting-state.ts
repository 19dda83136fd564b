import type { CommitGroup, StateStore } from '@engage-sync/core'

const PARTITIONS_USED = 4

/**
 * The group of commit number n of a counting state: every member says n, so a half one cannot hide.
 *
 * Every fifth commit also turns a partition's deltas into a snapshot that lists them; every second
 * one makes one of some deltas of a partition.
 */
export function countingGroup(
  number: number,
  epoch: number,
  before: readonly number[],
): CommitGroup {
  const partition = number % PARTITIONS_USED
  const isCompacting = number % 5 === 0
  return {
    epoch,
    deltas: [{ partition, bytes: bytesOf([number]) }],
    ...(isCompacting
      ? {
          snapshots: [
            {
              partition,
              bytes: bytesOf(before.filter((one) => one % PARTITIONS_USED === partition)),
            },
          ],
        }
      : {}),
    ...(number % 2 === 0 && { merges: [{ partition: (number / 2) % PARTITIONS_USED, deltas: 3 }] }),
    openMarks: [{ id: `mark-${number}`, run: 1, intent: number }],
    closeMarks: [`mark-${number - 1}`],
    positions: [{ source: 'engage', position: number }],
    values: [{ key: 'last', value: number }],
  }
}

/**
 * Every number a counting state holds, in order; and what its other members say the last one is.
 */
export async function readCounting(
  store: StateStore,
): Promise<{ readonly numbers: readonly number[]; readonly last: readonly unknown[] }> {
  const numbers: number[] = []
  for (let partition = 0; partition < PARTITIONS_USED; partition++) {
    const { snapshot, deltas } = await store.loadPartition(partition)
    for (const bytes of [...(snapshot === null ? [] : [snapshot]), ...deltas])
      numbers.push(...numbersIn(bytes))
  }
  const last = (await store.values('last')).get('last') ?? 0
  const position = (await store.positions()).get('engage') ?? 0
  const marks = (await store.openMarks()).map(({ intent }) => intent)
  return {
    numbers: numbers.toSorted((a, b) => a - b),
    last: [last, position, ...(marks.length === 0 ? [0] : marks)],
  }
}

/** 1 to n. */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

function bytesOf(numbers: readonly number[]): Uint8Array {
  return new TextEncoder().encode(numbers.map((number) => `${number};`).join(''))
}

function numbersIn(bytes: Uint8Array): readonly number[] {
  return new TextDecoder().decode(bytes).split(';').slice(0, -1).map(Number)
}
