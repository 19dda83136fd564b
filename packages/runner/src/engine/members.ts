import { MEMBER, PARTITIONS, readPartition, ROW_FORGOTTEN } from '@engage-sync/core'
import type { Layout, Partition, RunProgram, StateStore } from '@engage-sync/core'

/** Members at run start, by mapping or segment id; reads every partition as the state has it. */
export async function countMembers(
  store: StateStore,
  program: RunProgram,
  bornNow: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  const outputs = program.outputs.filter((output) => output?.isMembership === true && output.isPrimary && !bornNow.has(output.id))
  const members = new Map<string, number>()
  for (let number = 0; number < PARTITIONS; number++) {
    const partition = readPartition(number, program.fold.layout, await store.loadPartition(number))
    for (const output of outputs) members.set(output!.id, (members.get(output!.id) ?? 0) + membersIn(partition, output!.offset))
  }
  return members
}

function membersIn(partition: Partition, offset: number): number {
  let count = 0
  for (let row = 0; row < partition.rows; row++) {
    const at = row * partition.layout.stride + offset
    if (partition.words[at] === MEMBER.low && partition.words[at + 1] === MEMBER.high) count++
  }
  return count
}

/** Users the state holds. */
export async function countUsers(store: StateStore, layout: Layout): Promise<number> {
  let users = 0
  for (let number = 0; number < PARTITIONS; number++) {
    const { rows, words } = readPartition(number, layout, await store.loadPartition(number))
    for (let row = 0; row < rows; row++) if ((words[row * layout.stride] & ROW_FORGOTTEN) === 0) users++
  }
  return users
}
