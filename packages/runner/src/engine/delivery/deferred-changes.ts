import type { Held, PendingOutput, RowPlace } from '@engage-sync/core'

/** A change that was deferred, with what its slot held of it. */
interface DeferredChange extends RowPlace {
  readonly entry: number
  readonly folded: Held
  readonly isEvent: boolean
}

/**
 * The changes of a pass that were neither delivered nor refused: they are put back, and may be
 * taken again.
 */
export class DeferredChanges {
  #changes: DeferredChange[] = []

  /** Puts a change back: a later run finds it anew. */
  defer({ open, row }: RowPlace, { entry, output }: PendingOutput): void {
    if (open.pending.isOpen(entry)) {
      const folded = open.rows.slots.held(row, output.column)
      this.#changes.push({ open, row, entry, folded, isEvent: output.kind === 'event' })
    }
    open.defer(row, entry)
  }

  /**
   * Has the changes sent once more. What is no event may have been applied, so it is sent whole.
   *
   * @param isLeft - rows that stay as they are
   */
  retake(isLeft: (place: RowPlace) => boolean): void {
    const left: DeferredChange[] = []
    for (const change of this.#changes) {
      if (isLeft(change)) left.push(change)
      else retake(change)
    }
    this.#changes = left
  }

  /** Leaves them put back. */
  clear(): void {
    this.#changes = []
  }
}

function retake({ open, row, entry, folded, isEvent }: DeferredChange): void {
  open.retake(row, entry, folded)
  if (!isEvent) open.pending.doubt(entry)
}
