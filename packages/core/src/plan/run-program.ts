import { itemAt } from '@engage-sync/contract'
import type { FoldProgram } from '../fold/program.ts'
import { buildOutputs, falseColumns } from './outputs.ts'
import type { Output } from './outputs.ts'

/** All sources of a run as one program: what plan and delivery work with. */
export interface RunProgram {
  readonly fold: FoldProgram
  readonly outputs: readonly (Output | undefined)[]
  /** Columns written for a row that is done, in order. */
  readonly columns: readonly number[]
  /** Columns of attributes that hold `false` of somebody who is no member. */
  readonly falseColumns: readonly number[]
}

/**
 * Joins the programs of several sources. They share one layout.
 *
 * @param retired - outputs of columns no mapping fills any more, which are to be unset
 */
export function joinPrograms(
  programs: readonly FoldProgram[],
  retired: readonly Output[] = [],
): RunProgram {
  const fold: FoldProgram = {
    ...itemAt(programs, 0),
    syncs: programs.flatMap((program) => program.syncs),
    keys: programs.flatMap((program) => program.keys),
    segments: programs.flatMap((program) => program.segments),
    counters: [
      ...new Map(
        programs.flatMap((program) => program.counters.map((counter) => [counter.column, counter])),
      ).values(),
    ],
    slotByColumn: firstByColumn(programs.map(({ slotByColumn }) => slotByColumn)),
    eventByColumn: firstByColumn(programs.map(({ eventByColumn }) => eventByColumn)),
  }
  const outputs = [...buildOutputs(fold)]
  for (const output of retired) outputs[output.column] = output
  return { fold, outputs, columns: columnsOf(fold, outputs), falseColumns: falseColumns(outputs) }
}

function firstByColumn<T>(
  lists: readonly (readonly (T | undefined)[])[],
): readonly (T | undefined)[] {
  return itemAt(lists, 0).map((_, column) =>
    lists.map((list) => list[column]).find((found) => found !== undefined),
  )
}

function columnsOf(fold: FoldProgram, outputs: readonly (Output | undefined)[]): readonly number[] {
  const columns = new Set<number>()
  for (const output of outputs) if (output !== undefined) columns.add(output.column)
  for (const key of fold.keys.flat()) {
    columns.add(key.seenColumn)
    for (const operand of key.operands)
      for (const column of [operand.column, ...operand.columns]) columns.add(column)
  }
  for (const counter of fold.counters) columns.add(counter.column)
  return [...columns].sort((a, b) => a - b)
}
