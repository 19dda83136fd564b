import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { SyncError } from '@engage-sync/core'

/**
 * The users `--only` names: one identifier, or a file with one a line.
 *
 * @throws {SyncError} `USAGE_ONLY` for no identifier, or a file that holds none or cannot be read
 */
export function readOnlyUsers(text: string | undefined, cwd: string): ReadonlySet<string> | null {
  if (text === undefined) return null
  const path = resolve(cwd, text)
  if (text !== '' && !existsSync(path)) return new Set([text])
  const users = readUsers(text, path)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (users.length > 0) return new Set(users)
  throw new SyncError('USAGE_ONLY', `${text === '' ? '--only' : text} names no user`, {
    hint: 'Write one identifier a line, as Braze knows it.',
  })
}

function readUsers(text: string, path: string): string {
  try {
    return text === '' ? '' : readFileSync(path, 'utf8')
  } catch (error) {
    throw new SyncError(
      'USAGE_ONLY',
      `The file --only names cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      {
        hint: 'Name a user, or a file with one identifier a line.',
      },
    )
  }
}
