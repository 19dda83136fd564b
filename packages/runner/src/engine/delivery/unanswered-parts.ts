import type { OpenPartition, PendingOutput, RunProgram } from '@engage-sync/core'

/** Columns of a row whose value the destination may hold though the row does not know of it. */
export interface Unanswered {
  /** Of segments: nobody can read their verdicts from records again. */
  readonly verdicts: readonly number[]
  /** Of mappings. */
  readonly values: readonly number[]
}

/** Which parts of rows were sent, or were to be, and have no answer. */
export class UnansweredParts {
  readonly #outputs: RunProgram['outputs']
  /** Columns by partition and row. */
  readonly #unanswered = new Map<string, readonly number[]>()

  constructor({ outputs }: RunProgram) {
    this.#outputs = outputs
  }

  /** A part of a row has no answer. Events are marked, and decided by their marks. */
  note(open: OpenPartition, row: number, { output }: PendingOutput): void {
    if (output.kind === 'event') return
    const key = keyOf(open, row)
    this.#unanswered.set(key, [...(this.#unanswered.get(key) ?? []), output.column])
  }

  /**
   * Columns of a row, and forgets them: those without an answer, and those that were in doubt
   * before and were not sent.
   */
  takeColumns(open: OpenPartition, row: number): Unanswered {
    const columns = [...(this.#unanswered.get(keyOf(open, row)) ?? [])]
    this.#unanswered.delete(keyOf(open, row))
    const { pending } = open
    for (let entry = pending.first(row); entry >= 0; entry = pending.after(entry)) {
      if (pending.isInDoubt(entry) && pending.isOpen(entry)) columns.push(pending.columnOf(entry))
    }
    const isVerdict = (column: number) => this.#outputs[column]?.isSegment === true
    return {
      verdicts: columns.filter(isVerdict),
      values: columns.filter((column) => !isVerdict(column)),
    }
  }
}

function keyOf(open: OpenPartition, row: number): string {
  return `${open.rows.number}:${row}`
}
