import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { SyncError } from '@engage-sync/core'

/**
 * The users `--only` names: one identifier, or a file with one a line.
 *
 * @throws {SyncError} `USAGE_ONLY` for a file without identifiers
 */
export function readOnlyUsers(text: string | undefined, cwd: string): ReadonlySet<string> | null {
  if (text === undefined) return null
  const path = resolve(cwd, text)
  if (!existsSync(path)) return new Set([text])
  const users = readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (users.length > 0) return new Set(users)
  throw new SyncError('USAGE_ONLY', `${text} names no user`, { hint: 'Write one identifier a line, as Braze knows it.' })
}
