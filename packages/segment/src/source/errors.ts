import { SyncError } from '@engage-sync/contract'
import { countOf } from './count-of.ts'

/** A source is not there, is empty of files, or cannot be opened. Not retried: someone must look. */
export class SourceError extends SyncError {
  override name = 'SourceError'
}

/**
 * No file matches what the configuration names.
 *
 * @param passedOver - files of the place whose names are not those of event files
 */
export function sourceNotFound(place: string, passedOver: readonly string[] = []): SourceError {
  const hint =
    passedOver.length === 0
      ? 'Check the path; relative paths start at the parent of the configuration directory.'
      : `${passedOverText(passedOver)} ${BY_GLOB}`
  return new SourceError('SOURCE_NOT_FOUND', `No event file matches ${place}`, { hint, place })
}

/** What to do about files that are passed over. */
export const BY_GLOB = 'If they hold JSON events, plain or gzip, name them by a glob.'
const MOST_NAMES = 3

/** Says of which files the names are not those of event files. */
export function passedOverText(files: readonly string[]): string {
  const names = [...files.slice(0, MOST_NAMES), ...(files.length > MOST_NAMES ? ['…'] : [])]
  return `Passed over by name: ${countOf(files.length, 'file')} (${names.join(', ')}).`
}

const UNREADABLE_HINTS: Readonly<Record<string, string>> = {
  EACCES: 'Give the user that runs this the right to read it.',
  ENOENT: 'It is a link that leads nowhere, or was removed meanwhile.',
}

/** A file is there but cannot be read. */
export function sourceUnreadable(place: string, cause: unknown): SourceError {
  const code = errorCode(cause)
  return new SourceError(
    'SOURCE_UNREADABLE',
    `Cannot read ${place}${code === '' ? '' : ` (${code})`}`,
    {
      hint: UNREADABLE_HINTS[code],
      cause,
      place,
    },
  )
}

/** A position that another source, or another version, wrote. */
export function badPosition(place: string): SourceError {
  return new SourceError('SOURCE_POSITION', `The stored position is none of ${place}`, {
    hint: 'Run once with --reread: everything is read again and only differences are sent.',
  })
}

/** The system's code of an error (`ENOENT`), or an empty text. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}
