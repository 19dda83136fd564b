import { SyncError } from '@engage-sync/core'
import type { Io } from '../process/io.ts'

/**
 * Asks before something that cannot be taken back.
 *
 * Shape: `yes` answers by itself; a person at a terminal is asked and must type `yes`; everybody
 * else is refused.
 *
 * @throws {SyncError} `USAGE_NOT_CONFIRMED`
 */
export async function confirm(io: Io, question: string, yes: boolean): Promise<void> {
  if (yes) return
  if (!io.stderr.isTTY) {
    throw new SyncError('USAGE_NOT_CONFIRMED', question, {
      hint: 'Nothing was changed. If that is meant, run it again with --yes.',
    })
  }
  io.stderr.write(`${question}\nType yes to go on: `)
  if ((await firstLine(io.stdin)).trim() === 'yes') return
  throw new SyncError('USAGE_NOT_CONFIRMED', 'Not confirmed', { hint: 'Nothing was changed.' })
}

async function firstLine(input: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const bytes of input) {
    text += decoder.decode(bytes, { stream: true })
    if (text.includes('\n')) break
  }
  return text.split('\n', 1).join('')
}
