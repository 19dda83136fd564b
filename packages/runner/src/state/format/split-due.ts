import { recordChecksum } from './checksum.ts'

/** The one value that held the next due time of every partition, up to format 2. */
export const FORMER_DUE = 'due'

/** A record of the table of values. */
export interface ValueRecord {
  readonly key: string
  readonly value: string
  readonly checksum: number
}

/** The values that take its place: one for each partition with a time. @param text - JSON; anything else gives none */
export function splitDue(text: string): readonly ValueRecord[] {
  return timesIn(text).flatMap((time, partition) => {
    if (typeof time !== 'number') return []
    const [key, value] = [`${FORMER_DUE}:${partition}`, JSON.stringify(time)]
    return [{ key, value, checksum: recordChecksum('values', key, value) }]
  })
}

function timesIn(text: string): readonly unknown[] {
  try {
    const stored: unknown = JSON.parse(text)
    return Array.isArray(stored) ? stored : []
  } catch {
    return []
  }
}
