import { randomUUID } from 'node:crypto'
import { killPoint } from '../../process/kill-points.ts'
import type { KillPoint } from '../../process/kill-points.ts'
import { leaseLost, unavailable } from '../format/errors.ts'
import type { PostgresConnection, Query } from './connection.ts'
import type { WriteTicket } from './commit.ts'
import { isLost } from './errors.ts'
import { onlyRow } from './only-row.ts'

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
 * Every write leaves its id in the lease. When a connection is lost before the answer came, the next one first raises
 * the fence, which makes a write still on its way void, and reads that id: from then on the write has either happened
 * or never will. The row lock makes this wait for a write in the middle of its work.
 */
export class PostgresWriter {
  readonly #connection: PostgresConnection
  readonly #schema: string
  #fence = 0

  constructor(connection: PostgresConnection, schema: string) {
    this.#connection = connection
    this.#schema = schema
  }

  /**
   * Runs one write under an epoch.
   *
   * @param build - the statement, made anew for each try, in the writer's turn; gives a row with `held`: 1 when it was written, 0 when the lease was not as the ticket says
   * @param instants - where the crash suite kills the process, if it does
   * @throws {SyncError} `STATE_LEASE_LOST` when the epoch is no longer the current one; `STATE_UNAVAILABLE`
   */
  write(epoch: number, build: BuildWrite, instants?: WriteInstants): Promise<void> {
    return this.#connection.inTurn(() =>
      this.#connection.guarded(() => this.#attempt(epoch, build, instants)),
    )
  }

  async #attempt(epoch: number, build: BuildWrite, instants?: WriteInstants): Promise<void> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const ticket = { id: randomUUID(), epoch, fence: this.#fence }
      try {
        const answer = await this.#send(await build(ticket), instants)
        const { held } = onlyRow(answer, 'the answer to a write')
        if (held === 1) return
        await this.#learnFence(epoch)
      } catch (error) {
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

  /** Another fence under the same epoch is one that this process has not heard of; another epoch ends it. */
  async #learnFence(epoch: number): Promise<void> {
    const text = `SELECT epoch::float8 AS epoch, fence::float8 AS fence FROM ${this.#schema}.lease WHERE id = 1`
    const rows = await this.#connection.repeatableNow<{ epoch: number; fence: number }>({ text })
    const lease = onlyRow(rows, 'its lease')
    if (lease.epoch !== epoch) throw leaseLost()
    this.#fence = lease.fence
  }

  async #hasHappened({ id, epoch }: WriteTicket): Promise<boolean> {
    const text = `UPDATE ${this.#schema}.lease SET fence = fence + CASE WHEN epoch = $1 THEN 1 ELSE 0 END WHERE id = 1
      RETURNING fence::float8 AS fence, last_write = $2 OR former_write = $2 AS found`
    const values = [epoch, id]
    const rows = await this.#connection.repeatableNow<{ fence: number; found: boolean }>({
      text,
      values,
    })
    const lease = onlyRow(rows, 'its lease')
    this.#fence = lease.fence
    return lease.found
  }
}
