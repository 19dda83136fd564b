import type { DeltaWriter, OpenPartition, RowPlace, RunProgram } from '@engage-sync/core'
import type { MergedRows, OpenHandover } from '../aliases/index.ts'
import { ended, takenOver } from '../../state/values/handovers.ts'
import type { Committer } from '../durable/index.ts'

/**
 * Writes rows into the deltas of the next commit, each after the rows before it; and with a user's
 * row those of its aliases, whose rows become durable with it or not at all.
 */
export class RowWriter {
  readonly #program: RunProgram
  readonly #committer: Committer
  /** Pairs by the place of their user. */
  readonly #aliases = new Map<string, MergedRows[]>()
  /** Columns of guests that are taken over already, by the id of their handover. */
  readonly #taken = new Map<string, Set<number>>()

  constructor(program: RunProgram, committer: Committer) {
    this.#program = program
    this.#committer = committer
  }

  /** Names the aliases whose rows become durable with those of their users. */
  follow(pairs: readonly MergedRows[]): void {
    this.#aliases.clear()
    this.#taken.clear()
    for (const pair of pairs) {
      const key = placeKey(pair.user.open, pair.user.row)
      const known = this.#aliases.get(key)
      if (known === undefined) this.#aliases.set(key, [pair])
      else known.push(pair)
    }
  }

  /**
   * Writes a row whose every part is settled: all its columns, whatever else the fold learnt; and
   * its aliases'.
   */
  finish(open: OpenPartition, row: number): void {
    const delta = this.row(open, row)
    delta.head(row)
    if (this.#aliases.size === 0) return
    for (const { alias, handover } of this.#aliases.get(placeKey(open, row)) ?? [])
      if (handover === undefined) this.alias(alias)
      else this.#committer.setValue(ended(handover))
  }

  /** Writes the row of an alias that was taken out of it, with its texts. */
  alias({ open, row }: RowPlace): void {
    const delta = this.row(open, row)
    delta.head(row)
    for (const { number } of open.rows.layout.columns) delta.storedText(row, number)
  }

  /**
   * Leaves a row that has nothing to send to the end of the pass. Not one that must become durable
   * together with something else: with its alias, or with the dead letter of a value that was
   * refused.
   */
  leave(open: OpenPartition, row: number): void {
    const isBound =
      open.pending.notes.hasRefusal(row) ||
      (this.#aliases.size > 0 && this.#aliases.has(placeKey(open, row)))
    if (isBound) this.finish(open, row)
    else open.unwritten.push(row)
  }

  /** Writes the rows that were left to the end. */
  finishRest(open: OpenPartition): void {
    for (const row of open.unwritten) this.finish(open, row)
    open.unwritten.length = 0
  }

  /**
   * Of a row that is new in this run, columns that hold nothing were never written otherwise, and
   * need not be.
   */
  row(open: OpenPartition, row: number): DeltaWriter {
    const delta = this.ensure(open, row)
    const isNew = row >= open.loadedRows
    for (const column of this.#program.columns)
      if (!isNew || !open.rows.isBlank(row, column)) delta.column(row, column)
    return delta
  }

  /**
   * A count that holds an alias's becomes durable with the alias's, or the next run would add that
   * once more.
   */
  count(open: OpenPartition, row: number, column: number): void {
    this.ensure(open, row).column(row, column)
    if (this.#aliases.size === 0) return
    for (const { alias, handover } of this.#aliases.get(placeKey(open, row)) ?? [])
      if (handover === undefined) this.ensure(alias.open, alias.row).column(alias.row, column)
      else this.#take(handover, column)
  }

  #take(stored: OpenHandover, column: number): void {
    const taken = this.#taken.get(stored.id) ?? new Set(stored.handover.taken)
    this.#taken.set(stored.id, taken.add(column))
    this.#committer.setValue(takenOver(stored, taken))
  }

  /** The delta to write to, after the rows up to this one are in the log. */
  ensure(open: OpenPartition, row: number): DeltaWriter {
    const delta = this.#committer.deltaOf(open)
    while (open.durableRows <= row) delta.row(open.durableRows++)
    return delta
  }
}

function placeKey(open: OpenPartition, row: number): string {
  return `${open.rows.number}:${row}`
}
