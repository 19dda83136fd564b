import {
  ALIAS,
  DIRTY,
  hashUser,
  hashOut,
  MARKED,
  PARTITIONS,
  PROMOTED_COLUMN,
  promoteRow,
  ROW_CREATED,
  ROW_PROMOTED,
  TOUCHED,
} from '@engage-sync/core'
import type { OpenPartition, OpenRows, RowPlace, UserKey } from '@engage-sync/core'
import type { AliasLink, AliasIndex } from './alias-index.ts'
import { EXTERNAL_ID } from '@engage-sync/core'
import type { Partitions } from '../partitions/partitions.ts'
import type { Session } from '../session.ts'

/** An alias whose Braze user must be joined with the one it turned out to be. */
export interface AliasMerge {
  readonly alias: RowPlace
  readonly user: RowPlace
  readonly how: AliasLink['how']
}

/** An alias's row with the row of its user, which takes everything over. */
export type MergedRows = Pick<AliasMerge, 'alias' | 'user'>

/** One alias came with several users. */
export const SHARED_ALIAS = ['IDENTITY_ALIAS_SHARED', 'One alias came with several external ids; the first one keeps it.'] as const

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
 * Merges the rows of aliases into those of the users they belong to: aliases this run learnt of, and those promoted
 * earlier that records still name alone.
 */
export async function mergeAliases(session: Session, links: AliasIndex): Promise<AliasMerges> {
  const pairs: MergedRows[] = []
  const promotions: AliasMerge[] = []
  const { scope } = session.partitions
  for (const link of links.list()) {
    // Of several passes none sees every conflict; the survey before them did.
    if (link.conflicts > 0 && scope === null) session.reasons.add(...SHARED_ALIAS)
    const alias = await findAlias(session, link.alias)
    if (alias === null || isPromoted(alias)) continue
    const user = { open: session.rows.partitions[link.partition]!, row: link.row }
    const isAtBraze = (flagsOf(alias) & ROW_CREATED) !== 0
    promoteRow(session.prepared.program, alias, user)
    pairs.push({ alias, user })
    if (isAtBraze) promotions.push({ alias, user, how: link.how })
    else markPromoted(alias, user)
  }
  for (const alias of promotedRows(session.rows, TOUCHED)) {
    const user = await promotedUser(session.partitions, alias)
    if (user === null) continue
    promoteRow(session.prepared.program, alias, user)
    markPromoted(alias, user)
    pairs.push({ alias, user })
  }
  return { pairs, promotions }
}

/** Marks the users of promoted aliases that the source being read names alone: its records speak of them. */
export async function markUsersOfAliases(partitions: Partitions): Promise<void> {
  for (const alias of promotedRows(partitions.rows, MARKED)) {
    const user = await promotedUser(partitions, alias)
    if (user !== null) user.open.pending.touched[user.row] |= MARKED
  }
}

/** Notes that an alias's row stands for another user from now on. */
export function markPromoted(alias: RowPlace, user: RowPlace): void {
  const { rows, pending } = alias.open
  rows.words[alias.row * rows.layout.stride] |= ROW_PROMOTED
  rows.kept.set(alias.row * rows.layout.columns.length + promotedColumn(alias.open), user.open.rows.idText(user.row))
  pending.touched[alias.row] |= DIRTY
}

/** Number of the column that names an alias's user. */
export function promotedColumn({ rows }: OpenPartition): number {
  return rows.layout.find(PROMOTED_COLUMN)!.number
}

async function findAlias({ partitions }: Session, text: string): Promise<RowPlace | null> {
  const key = keyOf(ALIAS, text)
  hashUser(key.kind, key.bytes, key.start, key.end)
  const open = await partitions.open(hashOut[0] & (PARTITIONS - 1))
  const row = open.rows.findKey(key)
  return row < 0 ? null : { open, row }
}

/** Rows of promoted aliases that hold something new. @param bit - of `PendingPool.touched` */
function promotedRows({ partitions }: OpenRows, bit: number): RowPlace[] {
  const found: RowPlace[] = []
  for (const open of partitions) {
    for (let row = 0; open !== undefined && row < open.rows.rows; row++) {
      if ((open.pending.touched[row] & bit) === 0 || open.rows.kindOf(row) !== ALIAS) continue
      if (isPromoted({ open, row }) && !isEmpty({ open, row })) found.push({ open, row })
    }
  }
  return found
}

/** Whether an alias's row holds nothing to take over: since it was promoted, no record has named it alone. */
function isEmpty({ open: { rows, pending }, row }: RowPlace): boolean {
  return pending.head[row] < 0 && rows.layout.columns.every(({ number }) => rows.isBlank(row, number))
}

async function promotedUser(partitions: Partitions, { open, row }: RowPlace): Promise<RowPlace | null> {
  const text = open.rows.kept.get(row * open.rows.layout.columns.length + promotedColumn(open))
  if (text === undefined) return null
  const key = keyOf(EXTERNAL_ID, text)
  hashUser(key.kind, key.bytes, key.start, key.end)
  const user = await partitions.open(hashOut[0] & (PARTITIONS - 1))
  const userRow = user.rows.findOrAdd(key)
  user.pending.ensureRow(userRow)
  return { open: user, row: userRow }
}

function flagsOf({ open, row }: RowPlace): number {
  return open.rows.words[row * open.rows.layout.stride]
}

function isPromoted(place: RowPlace): boolean {
  return (flagsOf(place) & ROW_PROMOTED) !== 0
}

function keyOf(kind: UserKey['kind'], text: string): UserKey {
  const bytes = encoder.encode(text)
  return { kind, bytes, start: 0, end: bytes.length }
}

const encoder = new TextEncoder()
