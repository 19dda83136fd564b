import { chunkOf, Folder, startRead } from '@engage-sync/core'
import type { DeadLetter, FoldPass, Json, Link, RawChunk, Reasons, SourcePosition } from '@engage-sync/core'
import type { EngineOptions } from '../request/options.ts'
import type { Partitions } from '../partitions/partitions.ts'
import { RecordDeadLetters } from '../dead-letters/record-letters.ts'
import type { DeadLetterContext } from '../dead-letters/record-letters.ts'
import type { ReadRange } from './ranges.ts'
import { deleteMissing, verifiedEnd } from './delete-missing.ts'

/** One stretch of a source, read and folded. */
export interface SourceReading {
  readonly source: string
  readonly folder: Folder
  /** Where the next run goes on; null when nothing came, of history, and of a retry. */
  readonly position: SourcePosition | null
  readonly records: number
  /** Of these, how many had bytes to decode. */
  readonly decoded: number
  /** Event time as of which everybody is gone who was in no record; null when that is not sure. */
  readonly goneAt: number | null
}

/** What reading needs. */
export interface ReadParts {
  readonly options: EngineOptions
  readonly partitions: Partitions
  readonly letters: DeadLetterContext
  readonly addDeadLetter: (letter: DeadLetter) => void
  /** Told what a letter would have kept, where there are too many letters. */
  readonly onLeftOut: ((payload: Json) => void) | null
  readonly onDelete: ((source: string, deletion: Parameters<NonNullable<Folder['onDelete']>>[0]) => void) | null
  /** Takes what is reported though nothing failed. */
  readonly reasons: Reasons
  readonly onLink: ((source: string, link: Link) => void) | null
  /** Whether to go on; asked after every chunk. */
  readonly withinBudget: () => boolean
}

/** How a stretch of a source is read. */
export interface ReadPlace {
  readonly stretch: ReadRange
  /** Records read of the source before this stretch. */
  readonly before: number
  /** Whether rejected records become dead letters: not when they already did. */
  readonly keepLetters: boolean
  /** Null: every partition in one pass. */
  readonly pass: FoldPass | null
  /** Whether what those records reject was told before: not when a mapping means something else since. */
  readonly isWaitingTold: boolean
  /** Up to which of the stretch's records runs that did not end may have sent what they made of it; ascending. */
  readonly ends: readonly number[]
  /** Reads no more records than an earlier pass did, though the source may have grown since; null reads all. */
  readonly limit: number | null
  /** What the first of several passes read; null when this is it. */
  readonly first: SourceReading | null
}

/**
 * Folds what waited, then reads one stretch to its end and folds it, and last those who are gone. Null when it was told
 * not to go on.
 */
export async function foldRange(parts: ReadParts, place: ReadPlace): Promise<SourceReading | null> {
  const { options } = parts
  const { source, program, kind } = place.stretch
  const letters = new RecordDeadLetters({
    context: parts.letters,
    source,
    isKept: place.keepLetters,
    add: parts.addDeadLetter,
    onLeftOut: parts.onLeftOut,
  })
  const folder = createFolder(parts, place, letters)
  await foldWaiting(parts.partitions, { folder, letters, place })
  // What waited was said by an earlier reading.
  startRead(parts.partitions.rows)
  let last: RawChunk | null = null
  let records = 0
  let decoded = 0
  let given = 0
  const chunks = place.stretch.read(options.signal)
  for await (const whole of options.decodeAhead?.(chunks, program.plan) ?? chunks) {
    const left = place.limit === null ? Infinity : place.limit - decoded
    given += whole.count
    if (left <= 0 && whole.count > 0) break
    const chunk = whole.count <= left ? whole : { ...whole, count: left }
    letters.chunk = chunk
    await foldChunk(parts.partitions, folder, chunk)
    last = chunk
    decoded += chunk.count
    records += chunk.count + chunk.rejected.length
    tellRead(parts, source, place.before + records)
    if (!parts.withinBudget()) return null
  }
  const goneAt = verifiedEnd(parts, place, { complete: last?.complete, folder, decoded, isWhole: given === decoded })
  if (goneAt !== null && !(await deleteMissing(parts, { folder, place, goneAt }))) return null
  // Asked for once: the position of a source of many files is as long as their list.
  return { source, folder, position: kind === 'new' ? (last?.position ?? null) : null, records, decoded, goneAt }
}

async function foldWaiting(
  partitions: Partitions,
  { folder, letters, place }: { readonly folder: Folder; readonly letters: RecordDeadLetters; readonly place: ReadPlace },
): Promise<void> {
  const { waiting } = place.stretch
  if (waiting.length === 0) return
  letters.isSilent = place.isWaitingTold
  letters.chunk = chunkOf(waiting, 'waiting')
  await foldChunk(partitions, folder, letters.chunk)
  letters.isSilent = false
}

/** A folder for one stretch, listening for letters, deletions and links. */
function createFolder(parts: ReadParts, { stretch, pass, ends }: ReadPlace, listener: RecordDeadLetters): Folder {
  const { options, partitions, onLink, onDelete } = parts
  const { source, program, kind, waiting } = stretch
  const decoder = options.createDecoder(program.plan)
  const folder = new Folder({
    program,
    rows: partitions.rows,
    decoder,
    listener,
    pass,
    isHistory: kind === 'history',
    tellsAgain: kind === 'letters',
    resends: options.resend,
    waiting: waiting.length,
    ends,
  })
  folder.users.onlyUsers = options.onlyUsers
  if (onDelete !== null) folder.onDelete = (deletion) => onDelete(source, deletion)
  if (onLink !== null) folder.users.onLink = (link) => onLink(source, link)
  return folder
}

function tellRead({ options }: ReadParts, source: string, records: number): void {
  options.observe({ type: 'read', source: options.sources.get(source)!.name, records })
}

/** Folds a chunk, opening partitions as its users need them. */
export async function foldChunk(partitions: Partitions, folder: Folder, chunk: RawChunk): Promise<void> {
  for (const { code, message, origin, record } of chunk.rejected) {
    folder.countRejected(code, `${origin}, record ${record}: ${message}`)
  }
  let at = folder.fold(chunk, 0)
  while (at < chunk.count) {
    await partitions.open(folder.missing)
    at = folder.fold(chunk, at)
  }
}
