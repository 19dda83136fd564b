import type { DeadLetter, Json } from '@engage-sync/core'
import { unreadable } from './errors.ts'

/**
 * A JSON text of the state as a value.
 *
 * @param what - what it is, for the message
 * @throws {StateError} `STATE_UNREADABLE`
 */
export function storedJson<T = Json>(text: unknown, what: string): T {
  try {
    return JSON.parse(String(text)) as T
  } catch {
    throw unreadable(`${what} is no longer what was written`)
  }
}

/** A dead letter as text; its id is that of the row it stands in. */
export function letterText(letter: DeadLetter): string {
  return JSON.stringify({ ...letter, id: undefined })
}
