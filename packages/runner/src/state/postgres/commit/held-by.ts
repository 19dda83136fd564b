import type { Writer } from '@engage-sync/core'
import type { SettledGroup } from '../../format/settle-group.ts'
import { writtenPartitions } from '../../format/written-partitions.ts'
import type { Statement } from './statement.ts'
import type { WriteTicket } from './write-ticket.ts'

/**
 * The part of a commit that all others read from: one row, if its writer may write all of it.
 *
 * It leaves the ticket's id in the row of the lease, or of the worker, whose lock then lasts as long
 * as the commit does.
 */
export function heldBy(statement: Statement, ticket: WriteTicket, group: SettledGroup): string {
  const { id, epoch, fence, worker } = ticket
  const write = `SET last_write = ${statement.value(id, 'text')}`
  const still = `epoch = ${statement.value(epoch, 'bigint')} AND fence = ${statement.value(fence, 'bigint')}`
  if (worker === undefined)
    return `UPDATE ${statement.table('lease')} ${write} WHERE id = 1 AND ${still} RETURNING id`
  const [name, partitions] = [statement.value(worker, 'text'), writtenPartitions(group)]
  const own = ownedOf(statement, { worker, epoch }, partitions)
  return `UPDATE ${statement.table('workers')} ${write}
    WHERE worker = ${name} AND ${still} AND (${own}) = ${statement.value(partitions.length, 'int')} RETURNING 1 AS id`
}

/** How many of some partitions are a worker's, which cannot give them back until the statement is done. */
function ownedOf(
  statement: Statement,
  { worker, epoch }: Required<Writer>,
  partitions: readonly number[],
): string {
  const numbers = statement.value(partitions, 'int[]')
  return `SELECT count(*) FROM (
    SELECT 1 FROM ${statement.table('owners')} WHERE partition = ANY(${numbers})
      AND worker = ${statement.value(worker, 'text')} AND epoch = ${statement.value(epoch, 'bigint')} FOR SHARE
  ) AS own`
}

/** The same for a write that leaves no id, since doing it again does no harm. */
export function stillThere(statement: Statement, { epoch, worker }: Writer): string {
  const at = `epoch = ${statement.value(epoch, 'bigint')}`
  return worker === undefined
    ? `SELECT id FROM ${statement.table('lease')} WHERE id = 1 AND ${at} FOR UPDATE`
    : `SELECT 1 AS id FROM ${statement.table('workers')} WHERE worker = ${statement.value(worker, 'text')} AND ${at} FOR UPDATE`
}
