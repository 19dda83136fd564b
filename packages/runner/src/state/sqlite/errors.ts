import { cannotOpen, full, readOnly, unavailable, unreadable } from '../format/errors.ts'

const SQLITE_BUSY = 5
const SQLITE_READONLY = 8
const SQLITE_IOERR = 10
const SQLITE_IOERR_WRITE = 778
/** The index of its log, a file of shared memory, cannot grow. */
const SQLITE_IOERR_SHMSIZE = 4874
const NO_ROOM: readonly number[] = [SQLITE_IOERR_WRITE, SQLITE_IOERR_SHMSIZE]
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_NOTADB = 26

/** What to do where somebody may not. */
export const PERMISSIONS =
  'Check the permissions of the file and of its directory, and whose they are.'

/**
 * Runs a piece of work, turning SQLite's and the file system's errors into ours.
 *
 * @param place - the file or directory that is worked on, for messages
 * @throws {StateError} `STATE_FULL`, `STATE_READ_ONLY`, `STATE_UNAVAILABLE`, `STATE_UNREADABLE`
 */
export function guarded<T>(place: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw translate(error, place)
  }
}

function translate(error: unknown, place: string): unknown {
  const { errcode, code, path } = error as { errcode?: number; code?: string; path?: string }
  return errcode === undefined ? ofFiles(error, code, path ?? place) : ofSqlite(errcode, place)
}

/** What a file system answers to somebody who may not. */
export const FORBIDDEN: ReadonlySet<string | undefined> = new Set(['EROFS', 'EACCES', 'EPERM'])

function ofFiles(error: unknown, code: string | undefined, path: string): unknown {
  if (FORBIDDEN.has(code)) {
    const isLook = (error as NodeJS.ErrnoException).syscall === 'stat'
    return (isLook ? cannotOpen : readOnly)(path, PERMISSIONS)
  }
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return readOnly(path, 'A file stands where the directory should be.')
  if (code === 'EISDIR')
    return unreadable(`a directory stands at ${path}, where its file should be`)
  if (code === 'ENOSPC' || code === 'EDQUOT') return full()
  return error
}

/** @see https://www.sqlite.org/rescode.html - the low byte is the primary code */
function ofSqlite(errcode: number, place: string): unknown {
  const primary = errcode & 0xff
  // A quota and a file-size limit reach us as failed writes; SQLite keeps its FULL for ENOSPC.
  if (primary === SQLITE_FULL || NO_ROOM.includes(errcode)) return full()
  if (primary === SQLITE_CANTOPEN) return cannotOpen(place, PERMISSIONS)
  if (primary === SQLITE_READONLY) return readOnly(place, PERMISSIONS)
  if (primary === SQLITE_BUSY)
    return unavailable(
      'The state file is locked by another process',
      'Wait until it is done, then try again.',
    )
  if (primary === SQLITE_NOTADB) return unreadable('its file is no SQLite database')
  if (primary === SQLITE_CORRUPT) return unreadable(`its file is damaged (SQLite ${errcode})`)
  if (primary === SQLITE_IOERR)
    return unreadable(`its disk answers with errors (SQLite ${errcode})`)
  return unreadable(`SQLite answers with error ${errcode}`)
}
