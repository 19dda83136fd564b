import { randomUUID } from 'node:crypto'
import type { Writer } from '@engage-sync/core'
import { killPoint } from '../../../process/kill-points.ts'
import type { KillPoint } from '../../../process/kill-points.ts'
import { leaseLost, partitionLost, unavailable, workerLost } from '../../format/errors.ts'
import type { PostgresConnection, Query } from '../connection/index.ts'
import { isAdded, isDeadlock, isLost, onlyRow } from '../connection/index.ts'
import type { WriteTicket } from './write-ticket.ts'

/** Instants of a write that the crash suite knows. */
export interface WriteInstants {
  /** The statement is made, and the server has heard nothing of it. */
  readonly made: KillPoint
  /** All of it is on its way to the server, and nobody will read the answer. */
  readonly sent: KillPoint
}

/** Makes a write's statement; what it reads first has its turn already. */
export type BuildWrite = (ticket: WriteTicket) => Query | Promise<Query>

/** How often a write is sent at most: each time after it is certain that it did not happen before. */
const MAX_ATTEMPTS = 5

/**
 * Writes that happen once or not at all, and never without being told so.
 *
 * Every write leaves its id in the lease, or in the row of its worker. When a connection is lost before the answer came, the next one first raises
 * the fence, which makes a write still on its way void, and reads that id: from then on the write has either happened
 * or never will. The row lock makes this wait for a write in the middle of its work.
 */
export class PostgresWriter {
  readonly #connection: PostgresConnection
  readonly #schema: string
  readonly #fences = new Map<string, number>()

  constructor(connection: PostgresConnection, schema: string) {
    this.#connection = connection
    this.#schema = schema
  }

  /**
   * Runs one write of a writer.
   *
   * @param build - the statement, made anew for each try, in the writer's turn; gives a row with `held`: 1 when it was
   * written, 0 when the lease, or what the worker owns, was not as the ticket says
   * @param instants - where the crash suite kills the process, if it does
   * @throws {SyncError} `STATE_LEASE_LOST` when the epoch is no longer the current one, or a partition
   * is another worker's; `STATE_UNAVAILABLE`
   */
  write(writer: Writer, build: BuildWrite, instants?: WriteInstants): Promise<void> {
    return this.#connection.inTurn(() =>
      this.#connection.guarded(() => this.#attempt(writer, build, instants)),
    )
  }

  async #attempt(writer: Writer, build: BuildWrite, instants?: WriteInstants): Promise<void> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const ticket = { id: randomUUID(), ...writer, fence: this.#fences.get(keyOf(writer)) ?? 0 }
      try {
        const answer = await this.#send(await build(ticket), instants)
        const { held } = onlyRow(answer, 'the answer to a write')
        if (held === 1) return
        await this.#learnFence(ticket)
      } catch (error) {
        if (isDeadlock(error) || isAdded(error)) continue
        if (!isLost(error)) throw error
        if (await this.#hasHappened(ticket)) return
      }
    }
    throw unavailable(
      'The state kept losing its connection while a commit was written',
      'Check the network and the server, then run again.',
    )
  }

  /** A write is one statement, and a transaction by itself. */
  #send(query: Query, instants?: WriteInstants): Promise<readonly { readonly held: number }[]> {
    if (instants === undefined) return this.#connection.onceNow(query)
    killPoint(instants.made)
    return this.#connection.onceNow(query, () => killPoint(instants.sent))
  }

  /**
   * Another fence under the same epoch is one that this process has not heard of; another epoch ends
   * it. Where all is as it was, what it lacks is a partition.
   */
  async #learnFence(ticket: WriteTicket): Promise<void> {
    const { table, where, value } = this.#rowOf(ticket)
    const rows = await this.#connection.repeatableNow<{ epoch: number; fence: number }>({
      text: `SELECT epoch::float8 AS epoch, fence::float8 AS fence FROM ${table} WHERE ${where}`,
      values: [value],
    })
    const row = ticket.worker === undefined ? onlyRow(rows, 'its lease') : rows[0]
    if (row === undefined) throw workerLost()
    if (row.epoch !== ticket.epoch) throw ticket.worker === undefined ? leaseLost() : workerLost()
    if (row.fence === ticket.fence && ticket.worker !== undefined) throw partitionLost()
    this.#fences.set(keyOf(ticket), row.fence)
  }

  async #hasHappened(ticket: WriteTicket): Promise<boolean> {
    const { table, where, value } = this.#rowOf(ticket)
    const text = `UPDATE ${table} SET fence = fence + CASE WHEN epoch = $2 THEN 1 ELSE 0 END WHERE ${where}
      RETURNING fence::float8 AS fence, last_write = $3 OR former_write = $3 AS found`
    const values = [value, ticket.epoch, ticket.id]
    const rows = await this.#connection.repeatableNow<{ fence: number; found: boolean }>({
      text,
      values,
    })
    const row = ticket.worker === undefined ? onlyRow(rows, 'its lease') : rows[0]
    if (row === undefined) throw workerLost()
    this.#fences.set(keyOf(ticket), row.fence)
    return row.found
  }

  /** Where a writer's writes leave their ids. */
  #rowOf({ worker }: Writer): {
    readonly table: string
    readonly where: string
    readonly value: string | number
  } {
    return worker === undefined
      ? { table: `${this.#schema}.lease`, where: 'id = $1', value: 1 }
      : { table: `${this.#schema}.workers`, where: 'worker = $1', value: worker }
  }
}

/** Fences begin anew with each epoch, but for the lease, whose next owner may be of this process. */
function keyOf({ epoch, worker }: Writer): string {
  return worker === undefined ? '' : `${epoch} ${worker}`
}
