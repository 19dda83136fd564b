import { dirname } from 'node:path/posix'
import type { RawChunk, RecordOrigin } from '@engage-sync/contract'

/** Folders looked into, and records looked at of each. */
const MAX_FOLDERS = 50
const MAX_RECORDS = 1000

/**
 * Where records come from, folder by folder.
 *
 * Shape: folders in order of their newest files, newest first; of each the first records of its
 * newest file.
 *
 * @param files - paths with `/` in reading order, the newest last
 * @param read - the records of a file from its start on, as JSON texts; may stop anywhere
 */
export async function sampleOrigins(
  files: readonly string[],
  read: (file: string) => AsyncIterable<string>,
): Promise<readonly RecordOrigin[]> {
  const folders = new Map<string, string[]>()
  for (const file of files.toReversed()) {
    const folder = folderOf(file)
    const held = folders.get(folder)
    if (held === undefined) folders.set(folder, [file])
    else held.push(file)
  }
  const origins: RecordOrigin[] = []
  for (const [folder, held] of [...folders].slice(0, MAX_FOLDERS)) {
    origins.push({ folder, files: held.length, ...(await lookInto(read(held[0] ?? ''))) })
  }
  return origins
}

/**
 * `segment-logs/SOURCE/1700000000000/a.gz` is in `segment-logs/SOURCE`; so is `…/2026-01-05/a.gz`.
 */
function folderOf(file: string): string {
  const folder = dirname(file)
  return isDayFolder(folder) ? dirname(folder) : folder
}

/** Whether a folder holds one day: a timestamp, as in Segment's storage layout, or a date. */
export function isDayFolder(path: string): boolean {
  return /\/(?:\d{10,13}|\d{4}-\d\d-\d\d)\/?$/u.test(path)
}

type Look = Pick<RecordOrigin, 'spaces' | 'looked' | 'unmarked'>

async function lookInto(records: AsyncIterable<string>): Promise<Look> {
  const spaces = new Set<string>()
  let looked = 0
  let unmarked = 0
  for await (const record of records) {
    const mark = markOf(record)
    if (mark === null) unmarked++
    else if (typeof mark.space_id === 'string') spaces.add(mark.space_id)
    if (++looked === MAX_RECORDS) break
  }
  return { spaces: [...spaces].toSorted(), looked, unmarked }
}

/** Engage's mark in a record, or null; what is no JSON carries none. */
function markOf(record: string): { readonly space_id?: unknown } | null {
  try {
    const { context } = JSON.parse(record) as {
      readonly context?: { readonly personas?: unknown } | null
    }
    const mark = context?.personas
    return typeof mark === 'object' && mark !== null ? mark : null
  } catch {
    return null
  }
}

const utf8 = new TextDecoder()

/** The records of a batch as texts. */
export function* recordTexts({
  bytes,
  spans,
  count,
}: Pick<RawChunk, 'bytes' | 'spans' | 'count'>): Iterable<string> {
  for (let at = 0; at < count; at++)
    yield utf8.decode(bytes.subarray(spans[2 * at], spans[2 * at + 1]))
}
