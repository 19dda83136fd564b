import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject } from '@engage-sync/core'
import type { Json } from '@engage-sync/core'
import { replaceFile } from '../../workspace/files/replace-file.ts'
import type { QuietHour } from './usual-gap.ts'

const VERSION = 1

/** What was learnt of each source, by its name; nothing where that cannot be read. */
export function readGaps(directory: string): ReadonlyMap<string, readonly QuietHour[]> {
  try {
    const stored = JSON.parse(readFileSync(fileIn(directory), 'utf8')) as Json
    if (!isJsonObject(stored) || stored['version'] !== VERSION) return new Map()
    const sources = stored['sources'] ?? null
    if (!isJsonObject(sources)) return new Map()
    return new Map(Object.entries(sources).map(([source, hours]) => [source, hoursOf(hours)]))
  } catch {
    return new Map()
  }
}

/** Keeps it: how long nothing came and how many records did, of each hour. No personal data. */
export function writeGaps(
  directory: string,
  sources: ReadonlyMap<string, readonly QuietHour[]>,
): void {
  const hours = [...sources].map(([source, each]) => [
    source,
    each.map(({ longestMs, records }) => [longestMs, records]),
  ])
  const text = JSON.stringify({ version: VERSION, sources: Object.fromEntries(hours) as unknown })
  try {
    replaceFile(fileIn(directory), `${text}\n`, directory)
  } catch {
    // A disk without room: it is learnt anew.
  }
}

function hoursOf(stored: Json | undefined): readonly QuietHour[] {
  if (!Array.isArray(stored)) return []
  return stored.flatMap((hour) => {
    const [longestMs, records] = Array.isArray(hour) ? hour : []
    return typeof longestMs === 'number' && typeof records === 'number'
      ? [{ longestMs, records }]
      : []
  })
}

function fileIn(directory: string): string {
  return join(directory, 'silence.json')
}
