import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { SyncError } from '@engage-sync/core'
import type { ScaffoldFile } from './scaffold.ts'

/**
 * Writes new files, or none of them.
 *
 * @throws {SyncError} `CONFIG_EXISTS` when one of them is there already, `CONFIG_UNWRITABLE`
 */
export function writeNewFiles(files: readonly ScaffoldFile[], cwd: string): void {
  const there = files.filter(({ path }) => existsSync(resolve(cwd, path))).map(({ path }) => path)
  if (there.length > 0) {
    throw new SyncError(
      'CONFIG_EXISTS',
      `${there.join(', ')} ${there.length === 1 ? 'exists' : 'exist'} already`,
      {
        hint: 'Nothing was written. Name another directory with --configs DIR, or move what is there.',
      },
    )
  }
  for (const { path, text } of files) writeText(path, text, { cwd, flag: 'wx' })
}

const IGNORED = '.engage-sync/'

/** Keeps the state out of git. Returns whether the file had to change. */
export function ignoreState(cwd: string): boolean {
  const path = resolve(cwd, '.gitignore')
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (
    text
      .split(/\r?\n/)
      .some((line) => [IGNORED, IGNORED.slice(0, -1)].includes(line.trim().replace(/^\//, '')))
  )
    return false
  writeText(
    '.gitignore',
    `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${IGNORED}\n`,
    { cwd, flag: 'w' },
  )
  return true
}

function writeText(
  path: string,
  text: string,
  { cwd, flag }: { readonly cwd: string; readonly flag: 'w' | 'wx' },
): void {
  const target = resolve(cwd, path)
  try {
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text, { flag })
  } catch (error) {
    throw new SyncError(
      'CONFIG_UNWRITABLE',
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      {
        hint: 'Check the permissions of its directory.',
      },
    )
  }
}
