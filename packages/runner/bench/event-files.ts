import { existsSync } from 'node:fs'
import { mkdir, rename, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { writeEvents } from '@engage-sync/testkit'
import type { GenerateOptions } from '@engage-sync/testkit'

/** Where files are kept between benches. */
const DATA_DIRECTORY = join(import.meta.dirname, '../../../bench-results/data')
/** At most, of a file that is not packed. */
const BYTES_PER_EVENT = 850
const DAY_MS = 86_400_000
const LATER_MS = Date.UTC(2026, 1, 5)

/**
 * The files of a bench: events, the same as gzip; a later day, and one after it in which 5 % of its
 * values are new. Kept between benches.
 */
export async function eventFiles(options: {
  readonly events: number
  readonly users: number
}): Promise<{
  readonly plain: string
  readonly packed: string
  readonly later: string
  readonly changed: string
}> {
  const { events, users } = options
  return {
    plain: await eventFile({ events, users }),
    packed: await eventFilePacked({ events, users }),
    later: await fileOf(`later-${events}-${users}.ndjson`, {
      events,
      users,
      change: 0,
      start: LATER_MS,
    }),
    changed: await fileOf(`changed-${events}-${users}.ndjson`, {
      events,
      users,
      change: 0.05,
      start: LATER_MS + DAY_MS,
    }),
  }
}

/** A file of events of the first day. Kept between benches. */
export function eventFile({
  events,
  users,
}: {
  readonly events: number
  readonly users: number
}): Promise<string> {
  return fileOf(`events-${events}-${users}.ndjson`, { events, users })
}

/** The same, packed with gzip. */
export function eventFilePacked({
  events,
  users,
}: {
  readonly events: number
  readonly users: number
}): Promise<string> {
  return fileOf(`events-${events}-${users}.ndjson.gz`, { events, users })
}

async function fileOf(name: string, options: GenerateOptions): Promise<string> {
  const path = join(DATA_DIRECTORY, name)
  if (existsSync(path)) return path
  await checkRoom(options.events * BYTES_PER_EVENT)
  const partial = join(DATA_DIRECTORY, `partial-${name}`)
  await writeEvents(partial, options)
  await rename(partial, path)
  return path
}

async function checkRoom(bytes: number): Promise<void> {
  await mkdir(DATA_DIRECTORY, { recursive: true })
  const { bavail, bsize } = await statfs(DATA_DIRECTORY)
  if (bavail * bsize < bytes)
    throw new Error(`No room for a file of ${Math.ceil(bytes / 1e9)} GB in ${DATA_DIRECTORY}`)
}
