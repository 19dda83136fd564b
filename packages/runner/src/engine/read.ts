import { Folder, readPartition, SyncError } from '@engage-sync/core'
import type { DeadLetter, FoldProgram, OpenPartition, OpenRows, RawChunk, Source, SourcePosition, StateStore } from '@engage-sync/core'
import type { Observer } from './events.ts'
import type { EngineOptions } from './options.ts'

/** At most this many records a run are kept as dead letters; all are counted. */
const MAX_RECORD_LETTERS = 10_000
/** A dead letter keeps at most this much of a record, bytes. */
const MAX_PAYLOAD_BYTES = 65_536

/** One source, read and folded. */
export interface SourceReading {
  readonly source: string
  readonly folder: Folder
  readonly position: SourcePosition | null
  readonly records: number
}

/** What reading needs. */
export interface ReadParts {
  readonly options: EngineOptions
  readonly rows: OpenRows
  readonly run: number
  readonly addDeadLetter: (letter: DeadLetter) => void
}

/** Opens a partition from the store, or returns the open one. */
export async function openPartition(store: StateStore, rows: OpenRows, number: number): Promise<OpenPartition> {
  return rows.partitions[number] ?? rows.open(readPartition(number, rows.layout, await store.loadPartition(number)))
}

/**
 * Reads one source to its end and folds it.
 *
 * @param from - where the last committed run ended; null for the beginning
 * @param keepLetters - whether rejected records become dead letters (not when they already did)
 */
export async function readSource(
  parts: ReadParts,
  program: FoldProgram,
  place: { source: string; from: SourcePosition | null; keepLetters: boolean },
): Promise<SourceReading> {
  const { options, rows } = parts
  const source = options.sources.get(place.source)
  if (source === undefined) throw new SyncError('INTERNAL', `No source named ${place.source}`)
  const letters = new RecordLetters(parts, place.keepLetters)
  const folder = new Folder({ program, rows, decoder: options.createDecoder(program.plan), listener: letters })
  folder.onlyUsers = options.onlyUsers
  let position: SourcePosition | null = null
  let records = 0
  for await (const chunk of source.read(place.from, options.signal)) {
    letters.chunk = chunk
    await foldChunk(options.store, rows, folder, chunk)
    position = chunk.position
    records += chunk.count + chunk.rejected.length
    tellRead(options.observe, source, records)
  }
  return { source: place.source, folder, position, records }
}

function tellRead(observe: Observer, source: Source, records: number): void {
  observe({ type: 'read', source: source.name, records })
}

async function foldChunk(store: StateStore, rows: OpenRows, folder: Folder, chunk: RawChunk): Promise<void> {
  for (const { code, message, origin, record } of chunk.rejected) {
    folder.countRejected(code, `${origin}, record ${record}: ${message}`)
  }
  let at = folder.fold(chunk, 0)
  while (at < chunk.count) {
    await openPartition(store, rows, folder.missing)
    at = folder.fold(chunk, at)
  }
}

/** Turns rejected records and values into dead letters. */
class RecordLetters {
  chunk: RawChunk | null = null
  readonly #parts: ReadParts
  readonly #isKept: boolean
  #count = 0

  constructor(parts: ReadParts, isKept: boolean) {
    this.#parts = parts
    this.#isKept = isKept
  }

  recordRejected(record: number, rejection: { code: string; message: string }): void {
    if (!this.#isKept || this.#count++ >= MAX_RECORD_LETTERS) return
    this.#parts.addDeadLetter({
      ...this.#letter(record, rejection),
      sync: '*',
      stage: 'source',
      payload: this.#textOf(record),
      subject: null,
    })
  }

  valueRejected(event: {
    record: number
    mapping: string
    sync: string
    rejection: { code: string; message: string }
    json: unknown
  }): void {
    if (this.#count++ >= MAX_RECORD_LETTERS) return
    this.#parts.addDeadLetter({
      ...this.#letter(event.record, event.rejection),
      place: `${this.#placeOf(event.record)}, ${event.mapping}`,
      sync: event.sync,
      stage: 'mapping',
      payload: { mapping: event.mapping, record: this.#textOf(event.record) },
      subject: null,
    })
  }

  #letter(
    record: number,
    rejection: { code: string; message: string },
  ): Pick<DeadLetter, 'run' | 'at' | 'expiresAt' | 'code' | 'message' | 'place'> {
    const { options, run } = this.#parts
    const now = options.now()
    return {
      run,
      at: new Date(now).toISOString(),
      expiresAt: new Date(now + options.deadLetterDays * 86_400_000).toISOString(),
      code: rejection.code,
      message: rejection.message,
      place: this.#placeOf(record),
    }
  }

  #placeOf(record: number): string {
    const { name, firstRecord } = this.chunk!.origin
    return `${name}, record ${firstRecord + record}`
  }

  #textOf(record: number): string {
    const { bytes, spans } = this.chunk!
    const from = spans[record * 2]
    return new TextDecoder().decode(bytes.subarray(from, Math.min(spans[record * 2 + 1], from + MAX_PAYLOAD_BYTES)))
  }
}
