import { itemAt } from '@engage-sync/contract'
import type {
  DecodePlan,
  Json,
  RawChunk,
  Rejection,
  RowDecoder,
  UserRef,
} from '@engage-sync/contract'
import { buildProgram } from '../fold/build-program.ts'
import { datedProgram } from '../fold/dated-program.ts'
import { Folder } from '../fold/fold.ts'
import { neededColumns } from '../fold/needed-columns.ts'
import { hasSeen } from '../fold/presence.ts'
import type { CompiledSync } from '../mapping/compiled.ts'
import { allotColumns, Layout } from '../rows/layout.ts'
import type { OpenPartition } from '../rows/pending/open-partition.ts'
import { OpenRows } from '../rows/pending/open-rows.ts'
import { Partition } from '../rows/partition.ts'
import { buildRowUpdate, pendingOutputs, userOfRow } from './build-update.ts'
import type { RowUpdate } from './build-update.ts'
import { countOnce, rememberUser, storeTexts } from './memory-known.ts'
import type { MemoryKnown } from './memory-known.ts'
import { countsFor, evaluateSegment } from './evaluate-segment.ts'
import { entriesToSend, isCreated } from './first-false.ts'
import { joinPrograms } from './run-program.ts'
import type { RunProgram } from './run-program.ts'
import { countedEvents, eventsOfRow, NO_EVENTS, settleSegments } from './settle-row.ts'

/** What one user would be sent. */
export interface MemoryUpdate {
  readonly user: UserRef
  /** The attributes object without its identifier; null when there is none. */
  readonly attributes: Readonly<Record<string, Json>> | null
  readonly events: readonly Readonly<Record<string, Json>>[]
  readonly memberships: readonly {
    readonly cohortId: string
    readonly name: string
    readonly member: boolean
  }[]
  /**
   * False: it says nothing but what the user does not belong to, and goes to an existing user only.
   */
  readonly createsUser: boolean
  /** Which mappings and segments it comes from. */
  readonly mappings: readonly string[]
}

/** A value or record that was refused on the way. */
export interface MemoryRejection extends Rejection {
  readonly record: number
  /** Mapping id, or null when the whole record was refused. */
  readonly mapping: string | null
}

/** What a batch of records led to. */
export interface MemoryResult {
  /** In order of the users' first records within a partition; compare by user. */
  readonly updates: readonly MemoryUpdate[]
  readonly rejected: readonly MemoryRejection[]
  /** Members of each segment after the batch, by segment id. */
  readonly segments: ReadonlyMap<string, readonly UserRef[]>
  readonly folder: Folder
}

/**
 * The whole way from records to updates without a state and without a destination: for cases,
 * `debug`, and tests.
 *
 * Every batch counts as delivered, so a later one is compared with it. Mappings were born before
 * all time, unless `bornAtMs` says otherwise. Synchronous.
 */
export class MemoryRun {
  readonly #program: RunProgram
  readonly #rows: OpenRows
  readonly #decoder: RowDecoder
  readonly #nowMs: number

  constructor(options: {
    readonly syncs: readonly CompiledSync[]
    readonly createDecoder: (plan: DecodePlan) => RowDecoder
    readonly nowMs: number
    readonly bornAtMs?: number
    /**
     * Whether whose records count is as the sources say. Default: the records are the caller's own,
     * and all count.
     */
    readonly asSource?: boolean
  }) {
    const syncs =
      options.asSource === true
        ? options.syncs
        : options.syncs.map((sync) => ({ ...sync, trust: null }))
    const layout = new Layout(allotColumns([], neededColumns(syncs)))
    const bornAt = options.bornAtMs ?? -Infinity
    const births = new Map(
      syncs.flatMap((sync) =>
        [...sync.mappings, ...sync.segments].map(({ id }) => [id, bornAt] as const),
      ),
    )
    this.#program = joinPrograms([datedProgram(buildProgram(syncs, layout, births), options.nowMs)])
    this.#rows = new OpenRows(layout)
    this.#decoder = options.createDecoder(this.#program.fold.plan)
    this.#nowMs = options.nowMs
  }

  /**
   * Folds a batch of records, given as JSON texts or as a raw chunk, and takes what follows as
   * delivered.
   */
  batch(records: readonly string[] | RawChunk): MemoryResult {
    const rejected: MemoryRejection[] = []
    const folder = new Folder({
      program: this.#program.fold,
      rows: this.#rows,
      decoder: this.#decoder,
      listener: {
        recordRejected: (record, { code, message }) =>
          rejected.push({ record, code, message, mapping: null }),
        valueRejected: ({ record, mapping, rejection }) =>
          rejected.push({ record, ...rejection, mapping }),
      },
    })
    this.#fold(folder, 'spans' in records ? records : chunkOf(records))
    const updates = this.#rows.partitions.flatMap((open) =>
      open === undefined ? [] : this.#deliver(open),
    )
    return { updates, rejected, segments: this.#members(), folder }
  }

  /**
   * Takes what records say as delivered long ago: nothing is sent, no event counts, no segment is
   * joined.
   *
   * Memberships and delivered events are said apart, in `known`. The next batch looks at all these
   * users again.
   */
  know(records: readonly string[], known: readonly MemoryKnown[] = []): void {
    const listener = { recordRejected: () => undefined, valueRejected: () => undefined }
    this.#fold(
      new Folder({
        program: this.#program.fold,
        rows: this.#rows,
        decoder: this.#decoder,
        listener,
      }),
      chunkOf(records),
    )
    for (const each of known) rememberUser(this.#program.fold, this.#rows, each)
    for (const open of this.#rows.partitions) {
      if (open === undefined) continue
      for (let row = 0; row < open.rows.rows; row++)
        storeTexts(open, row, pendingOutputs(this.#program.outputs, { open, row }, NO_EVENTS))
      open.startWindow()
      for (let row = 0; row < open.rows.rows; row++) open.pending.notes.touch(row)
    }
  }

  #fold(folder: Folder, chunk: RawChunk): void {
    let at = folder.fold(chunk, 0)
    while (at < chunk.count) {
      this.#rows.open(new Partition(folder.missing, this.#rows.layout))
      at = folder.fold(chunk, at)
    }
  }

  #deliver(open: OpenPartition): MemoryUpdate[] {
    const updates: MemoryUpdate[] = []
    const { notes } = open.pending
    for (let row = notes.next(0); row >= 0; row = notes.next(row + 1)) {
      if (!notes.isTouched(row)) continue
      const update = this.#deliverRow(open, row)
      if (update !== null) updates.push(update)
    }
    open.startWindow()
    return updates
  }

  #deliverRow(open: OpenPartition, row: number): MemoryUpdate | null {
    const { fold } = this.#program
    const folded = countedEvents(fold, open, eventsOfRow(fold, open, row))
    settleSegments(fold, { open, row, nowMs: this.#nowMs, events: folded }, { bornNow: new Set() })
    const events = eventsOfRow(fold, open, row)
    const entries = entriesToSend(this.#program, { open, row }, events)
    const update = buildRowUpdate({ program: fold, open, row, events, entries })
    this.#countEvents(open, row, update)
    storeTexts(open, row, update.attributeEntries)
    if (update.attributes === null && update.events.length === 0 && update.memberships.length === 0)
      return null
    const createsUser = isCreated({ open, row }, entries)
    if (createsUser) open.rows.flags.create(row)
    for (const { output } of update.attributeEntries)
      open.rows.noteRun(row, output.column, THIS_RUN)
    return { ...memoryUpdate(open, row, update), createsUser }
  }

  #countEvents(open: OpenPartition, row: number, update: RowUpdate): void {
    for (const { name, time, output } of update.eventEntries) {
      for (const counter of this.#program.fold.counters) {
        if (countsFor(counter, { name, mapping: output.id, time }))
          countOnce(counter, { open, row }, time)
      }
    }
  }

  #members(): ReadonlyMap<string, readonly UserRef[]> {
    const members = new Map<string, UserRef[]>()
    for (const program of this.#program.fold.segments) {
      const users: UserRef[] = []
      for (const open of this.#rows.partitions) {
        for (let row = 0; open !== undefined && row < open.rows.rows; row++) {
          const place = { open, row, nowMs: this.#nowMs, events: [] }
          if (hasSeen(program, place) && evaluateSegment(program, place))
            users.push(userOfRow(open.rows, row))
        }
      }
      members.set(program.segment.id, users)
    }
    return members
  }
}

function memoryUpdate(
  open: OpenPartition,
  row: number,
  update: RowUpdate,
): Omit<MemoryUpdate, 'createsUser'> {
  const parse = (members: string) => JSON.parse(`{${members}}`) as Readonly<Record<string, Json>>
  const entries = [...update.attributeEntries, ...update.eventEntries, ...update.membershipEntries]
  return {
    user: userOfRow(open.rows, row),
    attributes: update.attributes === null ? null : parse(update.attributes),
    events: update.events.map(({ members }) => parse(members)),
    memberships: update.memberships.map(({ cohortId, member, ref }) => ({
      cohortId,
      member,
      name: itemAt(update.membershipEntries, ref).output.encoding.name,
    })),
    mappings: [...new Set(entries.map(({ output }) => output.id))],
  }
}

/** In the place of a run's number, for what was delivered. */
const THIS_RUN = 1

/** One raw chunk of JSON texts, for callers that have no file. */
export function chunkOf(records: readonly string[], name = 'records'): RawChunk {
  const encoder = new TextEncoder()
  const parts = records.map((record) => encoder.encode(record))
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  const spans = new Int32Array(records.length * 2)
  let at = 0
  parts.forEach((part, index) => {
    bytes.set(part, at)
    spans[index * 2] = at
    at += part.length
    spans[index * 2 + 1] = at
  })
  return {
    bytes,
    spans,
    count: records.length,
    position: records.length,
    origin: { name, firstRecord: 1 },
    rejected: [],
  }
}
