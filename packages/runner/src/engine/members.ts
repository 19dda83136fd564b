import { MEMBER, PARTITIONS } from '@engage-sync/core'
import type { OpenPartition, OpenRows, RunProgram, StateStore } from '@engage-sync/core'
import { openPartition } from './read.ts'

/** Members at run start, by mapping or segment id; reads every partition. */
export async function countMembers(store: StateStore, rows: OpenRows, program: RunProgram): Promise<ReadonlyMap<string, number>> {
  const outputs = program.outputs.filter((output) => output?.isMembership === true && output.isPrimary)
  const members = new Map<string, number>()
  for (let number = 0; number < PARTITIONS; number++) {
    const open = await openPartition(store, rows, number)
    for (const output of outputs) members.set(output!.id, (members.get(output!.id) ?? 0) + membersIn(open, output!))
  }
  return members
}

function membersIn(open: OpenPartition, output: { readonly column: number; readonly offset: number }): number {
  const { rows, pending } = open
  let count = 0
  for (let row = 0; row < rows.rows; row++) {
    const entry = pending.find(row, output.column)
    const at = row * rows.layout.stride + output.offset
    const low = entry < 0 ? rows.words[at] : pending.beforeLow[entry]
    const high = entry < 0 ? rows.words[at + 1] : pending.beforeHigh[entry]
    if (low === MEMBER.low && high === MEMBER.high) count++
  }
  return count
}

/** Forgets, in memory, what was delivered of attributes and memberships, so that the newest values are sent again. */
export async function clearDelivered(store: StateStore, rows: OpenRows, program: RunProgram): Promise<void> {
  const outputs = program.outputs.filter((output) => output !== undefined && output.kind !== 'event')
  for (let number = 0; number < PARTITIONS; number++) {
    const { rows: partition } = await openPartition(store, rows, number)
    for (const output of outputs) {
      for (let row = 0; row < partition.rows; row++) {
        const at = row * partition.layout.stride + output!.offset
        partition.words[at] = 0
        partition.words[at + 1] = 0
        partition.times[(at + 2) >> 1] = 0
      }
    }
  }
}
