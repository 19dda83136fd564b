import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { writeEvents } from '@engage-sync/testkit'
import type { GenerateOptions } from '@engage-sync/testkit'

const DIRECTORY = join(import.meta.dirname, '../../../bench-results/data')
const DAY_MS = 86_400_000
const LATER_MS = Date.UTC(2026, 1, 5)

/** The files of a bench: events, the same as gzip; a later day, and one after it in which 5 % of its values are new. Kept between benches. */
export async function eventFiles(options: {
  readonly events: number
  readonly users: number
}): Promise<{ readonly plain: string; readonly packed: string; readonly later: string; readonly changed: string }> {
  const { events, users } = options
  return {
    plain: await fileOf(`events-${events}-${users}.ndjson`, { events, users }),
    packed: await fileOf(`events-${events}-${users}.ndjson.gz`, { events, users }),
    later: await fileOf(`later-${events}-${users}.ndjson`, { events, users, change: 0, start: LATER_MS }),
    changed: await fileOf(`changed-${events}-${users}.ndjson`, { events, users, change: 0.05, start: LATER_MS + DAY_MS }),
  }
}

async function fileOf(name: string, options: GenerateOptions): Promise<string> {
  const path = join(DIRECTORY, name)
  if (existsSync(path)) return path
  const partial = join(DIRECTORY, `partial-${name}`)
  await writeEvents(partial, options)
  await rename(partial, path)
  return path
}
