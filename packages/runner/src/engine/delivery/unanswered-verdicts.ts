import type { OpenPartition, PendingOutput, RunProgram } from '@engage-sync/core'

/** Which verdicts of segments were sent, or were to be, and have no answer: nobody can read them from records again. */
export class UnansweredVerdicts {
  readonly #outputs: RunProgram['outputs']
  /** Columns by partition and row. */
  readonly #unanswered = new Map<string, readonly number[]>()

  constructor({ outputs }: RunProgram) {
    this.#outputs = outputs
  }

  /** A part of a row has no answer. Events are marked, and decided by their marks. */
  note(open: OpenPartition, row: number, { output }: PendingOutput): void {
    if (!output.isSegment || output.kind === 'event') return
    const key = keyOf(open, row)
    this.#unanswered.set(key, [...(this.#unanswered.get(key) ?? []), output.column])
  }

  /** Columns of a row: those without an answer, and those that were in doubt before and were not sent. */
  columnsOf(open: OpenPartition, row: number): readonly number[] {
    const columns = [...(this.#unanswered.get(keyOf(open, row)) ?? [])]
    const { pending } = open
    for (let entry = pending.first(row); entry >= 0; entry = pending.after(entry)) {
      const column = pending.columnOf(entry)
      const isUnsent = pending.isInDoubt(entry) && pending.isOpen(entry)
      if (isUnsent && this.#outputs[column]?.isSegment === true) columns.push(column)
    }
    return columns
  }
}

function keyOf(open: OpenPartition, row: number): string {
  return `${open.rows.number}:${row}`
}
