import { SyncError } from '@engage-sync/contract'

/** A source is not there, is empty of files, or cannot be opened. Not retried: someone must look. */
export class SourceError extends SyncError {
  override name = 'SourceError'
}

/** No file matches what the configuration names. */
export function sourceNotFound(place: string): SourceError {
  return new SourceError('SOURCE_NOT_FOUND', `No event file matches ${place}`, {
    hint: 'Check the path; relative paths start at the parent of the configuration directory.',
    place,
  })
}

/** A file is there but cannot be read. */
export function sourceUnreadable(place: string, cause: unknown): SourceError {
  const code = errorCode(cause)
  return new SourceError(
    'SOURCE_UNREADABLE',
    `Cannot read ${place}${code === '' ? '' : ` (${code})`}`,
    {
      hint: code === 'EACCES' ? 'Give the user that runs this the right to read it.' : undefined,
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
