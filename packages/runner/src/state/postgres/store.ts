import type {
  Admission,
  Beat,
  CommitGroup,
  DeadLetter,
  DeadLetterFilter,
  DeadLetterPage,
  Fleet,
  Json,
  Lease,
  MappingRecord,
  Mark,
  Membership,
  PartitionImage,
  PartitionPosition,
  RunRecord,
  SharedChange,
  SourcePosition,
  StateInfo,
  StateStore,
  WorkerCard,
  Writer,
} from '@engage-sync/core'
import { checkContents } from '../reading/check-contents.ts'
import { leaseLost, unreadable, workerLost } from '../format/errors.ts'
import { infoChecksum, infoPairs } from '../format/identity.ts'
import { BOUND_FORMAT, OWNED_FORMAT } from '../format/migrations.ts'
import { PIECE_BYTES, piecesOf } from '../format/pieces.ts'
import type { Cut } from '../format/pieces.ts'
import { brokenSums } from '../format/place-checksums.ts'
import { noFleet } from '../fleet/no-fleet.ts'
import { findSums } from './checksums.ts'
import { PostgresWriter, commitQuery, expiryQuery, pieceQuery } from './commit/index.ts'
import type { PostgresConnection } from './connection/index.ts'
import { PostgresFleet } from './fleet.ts'
import { PostgresLease } from './lease.ts'
import { onlyRow } from './connection/index.ts'
import { purgePostgres } from './purge.ts'
import { PostgresRecords } from './records.ts'
import { findSizes, loadRows, newestDeltas, nextGenerations } from './rows.ts'
import type { WriteInstants } from './commit/index.ts'

const COMMIT_INSTANTS: WriteInstants = { made: 'in-commit', sent: 'commit-sent' }

/** Where a state is, and how it is written. */
export interface StorePlace {
  readonly schema: string
  readonly pieceBytes?: number | undefined
}

/** `StateStore` over one connection to PostgreSQL. A commit is one statement, so one round trip. */
export class PostgresStore implements StateStore {
  readonly info: StateInfo
  readonly #connection: PostgresConnection
  readonly #schema: string
  readonly #writer: PostgresWriter
  readonly #lease: PostgresLease
  readonly #fleet: PostgresFleet
  readonly #records: PostgresRecords
  readonly #pieceBytes: number

  /**
   * @param place - `schema`: quoted, as it stands in statements; `pieceBytes`: of a snapshot's pieces.
   * Default 8 MB
   */
  constructor(
    connection: PostgresConnection,
    { schema, pieceBytes = PIECE_BYTES }: StorePlace,
    info: StateInfo,
  ) {
    this.#pieceBytes = pieceBytes
    this.#connection = connection
    this.#schema = schema
    this.info = info
    this.#writer = new PostgresWriter(connection, schema)
    const hasWorkers = info.format >= OWNED_FORMAT
    this.#lease = new PostgresLease(connection, this.#writer, { schema, hasWorkers })
    this.#fleet = new PostgresFleet(connection, schema, {
      refuseHeld: async () => void (await this.#lease.refuseHeld()),
    })
    this.#records = new PostgresRecords(connection, schema, info.format)
  }

  acquireLease(owner: string, ttlMs: number): Promise<Lease> {
    return this.#lease.acquire(owner, ttlMs)
  }

  renewLease(lease: Lease, ttlMs: number): Promise<Lease> {
    return this.#lease.renew(lease, ttlMs)
  }

  releaseLease(lease: Lease): Promise<void> {
    return this.#lease.release(lease)
  }

  currentLease(): Promise<Lease | null> {
    return this.#lease.current()
  }

  breakLease(): Promise<void> {
    return this.#lease.break()
  }

  join(card: WorkerCard, ttlMs: number): Promise<Membership> {
    return this.#fleet.join(card, ttlMs)
  }

  admit(card: Omit<WorkerCard, 'demand'>, admission: Admission): Promise<Membership> {
    return this.#fleet.admit(card, admission)
  }

  beat(member: Membership, ttlMs: number, newest?: string): Promise<Beat> {
    return this.#fleet.beat(member, ttlMs, newest)
  }

  claim(member: Membership, most: number): Promise<readonly number[]> {
    return this.#fleet.claim(member, most)
  }

  release(member: Membership, partitions: readonly number[]): Promise<void> {
    return this.#fleet.release(member, partitions)
  }

  leave(member: Membership): Promise<void> {
    return this.#fleet.leave(member)
  }

  changeValue<Result>(
    member: Required<Writer>,
    key: string,
    change: SharedChange<Result>,
  ): Promise<Result> {
    return this.#fleet.changeValue(member, key, change)
  }

  bury(member: Required<Writer>): Promise<void> {
    return this.#fleet.bury(member)
  }

  async fleet(): Promise<Fleet> {
    return this.info.format < OWNED_FORMAT ? noFleet(Date.now()) : await this.#fleet.fleet()
  }

  async sizes(): ReturnType<StateStore['sizes']> {
    return await findSizes(this.#connection, { schema: this.#schema, format: this.info.format })
  }

  loadPartition(partition: number): Promise<PartitionImage> {
    return loadRows(this.#connection, partition, { schema: this.#schema, format: this.info.format })
  }

  openMarks(): Promise<readonly Mark[]> {
    return this.#records.marks()
  }

  positions(): Promise<ReadonlyMap<string, SourcePosition>> {
    return this.#records.positions()
  }

  partitionPositions(): Promise<readonly PartitionPosition[]> {
    return this.#records.partitionPositions()
  }

  mappings(): Promise<readonly MappingRecord[]> {
    return this.#records.mappings()
  }

  values(prefix: string): Promise<ReadonlyMap<string, Json>> {
    return this.#records.values(prefix)
  }

  nextRunNumber(): Promise<number> {
    return this.#records.nextRun()
  }

  allotRun(): Promise<number> {
    return this.#records.allotRun()
  }

  runs(limit: number): Promise<readonly RunRecord[]> {
    return this.#records.runs(limit)
  }

  deadLetters(page: DeadLetterPage): Promise<readonly DeadLetter[]> {
    return this.#records.deadLetters(page)
  }

  countDeadLetters(filter: DeadLetterFilter): Promise<number> {
    return this.#records.countDeadLetters(filter)
  }

  async expireDeadLetters(writer: Writer, nowMs: number): Promise<number> {
    const { text, values } = expiryQuery(this.#schema, writer, nowMs)
    const rows = await this.#all<{ held: number; gone: number }>(text, values)
    const { held, gone } = onlyRow(rows, 'the count of dead letters')
    if (held === 0) throw writer.worker === undefined ? leaseLost() : workerLost()
    return gone
  }

  async commit(group: CommitGroup): Promise<void> {
    const writer = writerOf(group)
    const cut = await this.#writePieces(writer, group.snapshots ?? [])
    await this.#writer.write(
      writer,
      async (ticket) =>
        commitQuery(this.#schema, ticket, {
          group,
          cut,
          newest: await newestDeltas(this.#connection, this.#schema, group.merges ?? []),
        }),
      COMMIT_INSTANTS,
    )
  }

  /** Writes the pieces of large snapshots, but for the first: with that they are to be seen. */
  async #writePieces(
    writer: Writer,
    snapshots: NonNullable<CommitGroup['snapshots']>,
  ): Promise<Cut> {
    const pieceBytes = this.#pieceBytes
    const large = snapshots.filter(({ bytes }) => bytes.length > pieceBytes)
    const numbers = large.map(({ partition }) => partition)
    const next = await nextGenerations(this.#connection, this.#schema, numbers)
    const cut: Cut = { pieceBytes, generationOf: (partition) => next.get(partition) ?? 1 }
    for (const snapshot of large)
      for (const piece of piecesOf(snapshot, cut).slice(1))
        await this.#writer.write(writer, (ticket) => pieceQuery(this.#schema, ticket, piece))
    return cut
  }

  async verify(): Promise<void> {
    const [first] = await this.#brokenSums()
    if (first !== undefined) throw unreadable(first)
  }

  async check(): Promise<readonly string[]> {
    return [...(await this.#brokenSums()), ...(await checkContents(this))]
  }

  async #brokenSums(): Promise<readonly string[]> {
    return this.info.format < BOUND_FORMAT
      ? []
      : brokenSums(
          await findSums(this.#connection, this.#schema),
          infoChecksum(infoPairs(this.info)),
        )
  }

  purge(): Promise<boolean> {
    return purgePostgres(this.#connection.place, this.#schema)
  }

  async close(): Promise<void> {
    await this.#fleet.close()
    await this.#connection.close()
  }

  async #all<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    return (await this.#connection.repeatable({ text, values })) as readonly Row[]
  }
}

function writerOf({ epoch, worker }: CommitGroup): Writer {
  return worker === undefined ? { epoch } : { epoch, worker }
}
