import { ALIAS, EXTERNAL_ID, mergeAlias, partitionOf, userKey } from '@engage-sync/core'
import type { Reasons, RowPlace, RunProgram } from '@engage-sync/core'
import { covers } from '../partitions/index.ts'
import type { Partitions, PassShard } from '../partitions/index.ts'
import type { AliasIndex } from './alias-index.ts'
import { handOver, takeHandovers } from './handovers.ts'
import type { HandedAlias } from './handovers.ts'
import type { AliasMerge, MergedRows, OpenHandover } from './merged-rows.ts'
import { isPromoted, markPromoted, promotedRows, promotedTo } from './promoted-rows.ts'

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
  /** Aliases whose rows go to somebody else. */
  readonly handed: readonly HandedAlias[]
}

/** What is known of aliases once the records of a pass are folded. */
export interface FoldedLinks {
  readonly index: AliasIndex
  readonly reasons: Reasons
  readonly shard: PassShard
  /** What others handed over, to users of this pass. */
  readonly handovers: readonly OpenHandover[]
}

/** Nothing to promote. */
export const NOTHING_MERGED: AliasMerges = { pairs: [], promotions: [], handed: [] }

/**
 * Merges the rows of aliases into those of the users they belong to: aliases this run learnt of,
 * and those promoted earlier that records still name alone. Where somebody else has the user's row,
 * the alias's is handed over.
 */
export async function mergeAliases(
  partitions: Partitions,
  program: RunProgram,
  { index, reasons, shard, handovers }: FoldedLinks,
): Promise<AliasMerges> {
  const pairs: MergedRows[] = []
  const promotions: AliasMerge[] = []
  const handed: HandedAlias[] = []
  for (const link of index.list()) {
    // Of several passes none sees every conflict; the survey before them did.
    if (link.conflicts > 0 && partitions.scope === null) reasons.add(...SHARED_ALIAS)
    const alias = await findAlias(partitions, link.alias)
    if (alias === null || isPromoted(alias)) continue
    const { partition, how, externalId } = link
    if (externalId !== null) {
      handed.push(handOver(alias, { text: externalId, partition, how }))
      continue
    }
    const user = { open: partitions.rows.at(partition), row: link.row }
    const isAtBraze = alias.open.rows.flags.isCreated(alias.row)
    mergeAlias(program, alias, user)
    pairs.push({ alias, user })
    if (isAtBraze) promotions.push({ alias, user, how })
    else markPromoted(alias, user)
  }
  for (const alias of promotedRows(partitions.rows, (notes, row) => notes.isTouched(row))) {
    const text = promotedTo(alias)
    if (text === undefined) continue
    const partition = partitionOf(userKey(EXTERNAL_ID, text))
    if (shard.only?.has(partition) === false) {
      handed.push(handOver(alias, { text, partition, how: null }))
      continue
    }
    const user = await userOf(partitions, text)
    mergeAlias(program, alias, user)
    markPromoted(alias, user)
    pairs.push({ alias, user })
  }
  const mine = handovers.filter(({ handover: { to } }) => covers(to, shard))
  const taken = await takeHandovers(partitions, program, mine)
  return {
    pairs: [...pairs, ...taken.pairs],
    promotions: [...promotions, ...taken.promotions],
    handed,
  }
}

/**
 * Marks the users of promoted aliases that the source being read names alone: its records speak of
 * them.
 */
export async function markUsersOfAliases(partitions: Partitions): Promise<void> {
  for (const alias of promotedRows(partitions.rows, (notes, row) => notes.isSeenThisRead(row))) {
    const text = promotedTo(alias)
    if (text === undefined) continue
    const user = await userOf(partitions, text)
    user.open.pending.notes.see(user.row)
  }
}

async function findAlias(partitions: Partitions, text: string): Promise<RowPlace | null> {
  const key = userKey(ALIAS, text)
  const open = await partitions.open(partitionOf(key))
  const row = open.rows.findKey(key)
  return row < 0 ? null : { open, row }
}

async function userOf(partitions: Partitions, text: string): Promise<RowPlace> {
  const key = userKey(EXTERNAL_ID, text)
  const user = await partitions.open(partitionOf(key))
  return { open: user, row: user.findOrAdd(key) }
}
