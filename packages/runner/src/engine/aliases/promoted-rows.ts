import { ALIAS, MERGED_COLUMN } from '@engage-sync/core'
import type { OpenPartition, OpenRows, RowNotes, RowPlace } from '@engage-sync/core'

/** Notes that an alias's row stands for another user from now on. */
export function markPromoted(alias: RowPlace, user: RowPlace): void {
  markPromotedTo(alias, user.open.rows.idText(user.row))
}

/** The same, by the user's external id. */
export function markPromotedTo(alias: RowPlace, text: string): void {
  const { rows, pending } = alias.open
  rows.flags.merge(alias.row)
  rows.storedTexts.set(alias.row, promotedColumn(alias.open), text)
  pending.notes.dirty(alias.row)
}

/** The external id a promoted alias stands for. */
export function promotedTo({ open, row }: RowPlace): string | undefined {
  return open.rows.storedTexts.get(row, promotedColumn(open))
}

export function isPromoted({ open, row }: RowPlace): boolean {
  return open.rows.flags.isMerged(row)
}

/** Rows of promoted aliases that hold something new. @param isMeant - by what is noted of them */
export function promotedRows(
  { partitions }: OpenRows,
  isMeant: (notes: RowNotes, row: number) => boolean,
): RowPlace[] {
  const found: RowPlace[] = []
  for (const open of partitions) {
    if (open === undefined) continue
    const { notes } = open.pending
    for (let row = notes.next(0); row >= 0; row = notes.next(row + 1)) {
      if (!isMeant(notes, row) || open.rows.kindOf(row) !== ALIAS) continue
      if (isPromoted({ open, row }) && !isEmpty({ open, row })) found.push({ open, row })
    }
  }
  return found
}

/** Number of the column that names an alias's user. */
function promotedColumn({ rows }: OpenPartition): number {
  return rows.layout.numberOf(MERGED_COLUMN)
}

/**
 * Whether an alias's row holds nothing to take over: since it was promoted, no record has named it
 * alone.
 */
function isEmpty({ open: { rows, pending }, row }: RowPlace): boolean {
  return (
    pending.first(row) < 0 && rows.layout.columns.every(({ number }) => rows.isBlank(row, number))
  )
}
