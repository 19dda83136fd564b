import { partitionOf, SyncError, userKeyOfRef, userOfRow, zip } from '@engage-sync/core'
import type {
  ExportedList,
  ExportedProfile,
  ExportFields,
  OpenPartition,
  OpenRows,
  RowPlace,
  RunProgram,
} from '@engage-sync/core'
import { nothingFound } from '../request/index.ts'
import type { AskOptions, Observer } from '../request/index.ts'
import { keepHeld } from './keep-held.ts'

/** What asking needs. */
interface AskingParts {
  readonly ask: AskOptions
  readonly program: RunProgram
  readonly rows: OpenRows
  readonly nowMs: number
  /** Users of the whole run who have something pending. */
  readonly users: number
  readonly observe: Observer
  readonly signal: AbortSignal
}

/** Batches that are asked for at once: the destination keeps its own pace. */
const BATCHES = 8

/** Asks what the destination holds, partition by partition, or all at once of a list. */
export class AskedHoldings {
  readonly #parts: AskingParts
  readonly #found = nothingFound()
  readonly #fields: ExportFields
  /** Partitions whose rows were compared with a list already. */
  readonly #compared = new WeakSet<OpenPartition>()

  constructor(parts: AskingParts) {
    this.#parts = parts
    const outputs = parts.program.outputs.filter((output) => output !== undefined)
    const names = outputs.flatMap((output) =>
      output.kind === 'attribute' ? [output.encoding.name] : [],
    )
    this.#fields = {
      attributes: [...new Set(names)],
      events: outputs.some(({ kind }) => kind === 'event'),
    }
  }

  /**
   * Leaves pending, of a partition's rows, what the destination holds.
   *
   * @throws {SyncError} `USAGE_ADOPT`, and what the destination throws
   */
  async keep(open: OpenPartition): Promise<void> {
    const { users, ask } = this.#parts
    const { list, mostUsers } = ask
    if (list !== null) return await this.#compareAll(open, list)
    if (users > mostUsers) throw tooMany(users)
    const places = pendingRows(open)
    const size = ask.destination.limits.usersPerExport * BATCHES
    for (let from = 0; from < places.length; from += size)
      await this.#askFor(places.slice(from, from + size))
  }

  async #askFor(places: readonly RowPlace[]): Promise<void> {
    const { ask, signal } = this.#parts
    const size = ask.destination.limits.usersPerExport
    const batches = Array.from({ length: Math.ceil(places.length / size) }, (_, index) =>
      places.slice(index * size, (index + 1) * size),
    )
    const asked = await Promise.all(
      batches.map((batch) =>
        ask.destination.exportUsers(
          batch.map(({ open, row }) => userOfRow(open.rows, row)),
          this.#fields,
          signal,
        ),
      ),
    )
    for (const [batch, exported] of zip(batches, asked))
      for (const [place, user] of zip(batch, exported)) this.#keep(place, user.found ? user : null)
    this.#tell()
  }

  /** A list is read once for all partitions that are open. */
  async #compareAll(open: OpenPartition, list: ExportedList): Promise<void> {
    if (this.#compared.has(open)) return
    const { ask, rows, signal } = this.#parts
    const { exportList } = ask.destination
    if (exportList === undefined)
      throw new SyncError('INTERNAL', 'The destination has no lists of users')
    const left = new Map<string, RowPlace>()
    for (const each of rows.partitions) {
      if (each === undefined) continue
      this.#compared.add(each)
      for (const place of pendingRows(each)) left.set(keyOf(place), place)
    }
    for await (const profile of exportList(list, this.#fields, signal)) {
      for (const place of this.#rowsOf(profile)) {
        if (!left.delete(keyOf(place))) continue
        this.#keep(place, profile)
      }
      this.#tell()
    }
    for (const place of left.values()) this.#keep(place, null)
    this.#tell()
  }

  #rowsOf({ users }: ExportedProfile): readonly RowPlace[] {
    return users.flatMap((user) => {
      const key = userKeyOfRef(user)
      const open = this.#parts.rows.partitions[partitionOf(key)]
      const row = open?.rows.findKey(key) ?? -1
      return open === undefined || row < 0 ? [] : [{ open, row }]
    })
  }

  #keep(place: RowPlace, profile: ExportedProfile | null): void {
    keepHeld({ ...this.#parts, found: this.#found }, place, profile)
  }

  #tell(): void {
    const { users, observe } = this.#parts
    const found = this.#found
    observe({ type: 'asked', users: found.users, of: Math.max(users, found.users), found })
  }
}

/** Rows that may have something to send. */
function pendingRows(open: OpenPartition): readonly RowPlace[] {
  const { pending } = open
  const places: RowPlace[] = []
  for (let row = pending.notes.next(0); row >= 0; row = pending.notes.next(row + 1))
    if (pending.first(row) >= 0) places.push({ open, row })
  return places
}

function keyOf({ open, row }: RowPlace): string {
  return `${open.rows.number}:${row}`
}

function tooMany(users: number): SyncError {
  return new SyncError(
    'USAGE_ADOPT',
    `${users.toLocaleString('en-US')} users are too many to be asked for one by one`,
    {
      hint: 'Have a segment of all of them exported: --segment ID, or --exported DIRECTORY where Braze writes into storage of your own. Or say --by-ids, which takes a minute for 12,500 of them.',
    },
  )
}
