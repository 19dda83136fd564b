import {
  ALIAS,
  EXTERNAL_ID,
  mergeAlias,
  MERGED_COLUMN,
  partitionOf,
  userKey,
} from '@engage-sync/core'
import type {
  OpenPartition,
  OpenRows,
  Reasons,
  RowNotes,
  RowPlace,
  RunProgram,
} from '@engage-sync/core'
import type { Partitions } from '../partitions/index.ts'
import type { AliasIndex, AliasLink } from './alias-index.ts'

/** An alias whose Braze user must be joined with the one it turned out to be. */
export interface AliasMerge {
  readonly alias: RowPlace
  readonly user: RowPlace
  readonly how: AliasLink['how']
}

/** An alias's row with the row of its user, which takes everything over. */
export type MergedRows = Pick<AliasMerge, 'alias' | 'user'>

/** One alias came with several users. */
export const SHARED_ALIAS = [
  'IDENTITY_ALIAS_SHARED',
  'One alias came with several external ids; the first one keeps it.',
] as const

/** What promotion found. */
export interface AliasMerges {
  /** Every alias whose row was merged; it becomes durable together with its user's row. */
  readonly pairs: readonly MergedRows[]
  /** Of these, the ones Braze has to be told of. */
  readonly promotions: readonly AliasMerge[]
}

/** Nothing to promote. */
export const NOTHING_MERGED: AliasMerges = { pairs: [], promotions: [] }

/**
 * Merges the rows of aliases into those of the users they belong to: aliases this run learnt of,
 * and those promoted earlier that records still name alone.
 */
export async function mergeAliases(
  partitions: Partitions,
  program: RunProgram,
  { index, reasons }: { readonly index: AliasIndex; readonly reasons: Reasons },
): Promise<AliasMerges> {
  const pairs: MergedRows[] = []
  const promotions: AliasMerge[] = []
  for (const link of index.list()) {
    // Of several passes none sees every conflict; the survey before them did.
    if (link.conflicts > 0 && partitions.scope === null) reasons.add(...SHARED_ALIAS)
    const alias = await findAlias(partitions, link.alias)
    if (alias === null || isPromoted(alias)) continue
    const user = { open: partitions.rows.at(link.partition), row: link.row }
    const isAtBraze = alias.open.rows.flags.isCreated(alias.row)
    mergeAlias(program, alias, user)
    pairs.push({ alias, user })
    if (isAtBraze) promotions.push({ alias, user, how: link.how })
    else markPromoted(alias, user)
  }
  for (const alias of promotedRows(partitions.rows, (notes, row) => notes.isTouched(row))) {
    const user = await promotedUser(partitions, alias)
    if (user === null) continue
    mergeAlias(program, alias, user)
    markPromoted(alias, user)
    pairs.push({ alias, user })
  }
  return { pairs, promotions }
}

/**
 * Marks the users of promoted aliases that the source being read names alone: its records speak of
 * them.
 */
export async function markUsersOfAliases(partitions: Partitions): Promise<void> {
  for (const alias of promotedRows(partitions.rows, (notes, row) => notes.isSeenThisRead(row))) {
    const user = await promotedUser(partitions, alias)
    if (user !== null) user.open.pending.notes.see(user.row)
  }
}

/** Notes that an alias's row stands for another user from now on. */
export function markPromoted(alias: RowPlace, user: RowPlace): void {
  const { rows, pending } = alias.open
  rows.flags.merge(alias.row)
  rows.storedTexts.set(alias.row, promotedColumn(alias.open), user.open.rows.idText(user.row))
  pending.notes.dirty(alias.row)
}

/** Number of the column that names an alias's user. */
export function promotedColumn({ rows }: OpenPartition): number {
  return rows.layout.numberOf(MERGED_COLUMN)
}

async function findAlias(partitions: Partitions, text: string): Promise<RowPlace | null> {
  const key = userKey(ALIAS, text)
  const open = await partitions.open(partitionOf(key))
  const row = open.rows.findKey(key)
  return row < 0 ? null : { open, row }
}

/** Rows of promoted aliases that hold something new. @param isMeant - by what is noted of them */
function promotedRows(
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

/**
 * Whether an alias's row holds nothing to take over: since it was promoted, no record has named it
 * alone.
 */
function isEmpty({ open: { rows, pending }, row }: RowPlace): boolean {
  return (
    pending.first(row) < 0 && rows.layout.columns.every(({ number }) => rows.isBlank(row, number))
  )
}

async function promotedUser(
  partitions: Partitions,
  { open, row }: RowPlace,
): Promise<RowPlace | null> {
  const text = open.rows.storedTexts.get(row, promotedColumn(open))
  if (text === undefined) return null
  const key = userKey(EXTERNAL_ID, text)
  const user = await partitions.open(partitionOf(key))
  return { open: user, row: user.findOrAdd(key) }
}

function isPromoted({ open, row }: RowPlace): boolean {
  return open.rows.flags.isMerged(row)
}
