import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { errorCode, SourceError, sourceUnreadable } from '../source/index.ts'
import { parseCsv } from './csv.ts'

/** A file that lists users. */
export interface UserFile {
  readonly file: string
  /** Column of a CSV with a header. Default: the first. */
  readonly column?: string
}

/**
 * Read the users to ask for.
 *
 * Shape: one identifier a line, or one column of a CSV with a header (a `.csv` file, or any when `column` is given);
 * in order, without repetitions and empty lines.
 *
 * @throws {SourceError} `SOURCE_NOT_FOUND`, `SOURCE_UNREADABLE`, `SOURCE_COLUMN`
 */
export async function readUserFile({ file, column }: UserFile): Promise<readonly string[]> {
  const text = (await readText(file)).replace(/^\uFEFF/u, '')
  const isTable = column !== undefined || file.toLowerCase().endsWith('.csv')
  const users = isTable ? columnOf(text, file, column) : text.split('\n')
  return [...new Set(users.map((user) => user.trim()).filter((user) => user !== ''))]
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT') throw sourceUnreadable(file, cause)
    throw new SourceError('SOURCE_NOT_FOUND', `There is no list of users ${file}`, {
      hint: 'Check `profile_api.users`; relative paths start at the parent of the configuration directory.',
      place: file,
      cause,
    })
  }
}

function columnOf(text: string, file: string, column: string | undefined): readonly string[] {
  const [header = [], ...rows] = parseCsv(text)
  const index = column === undefined ? 0 : header.findIndex((name) => name.trim() === column)
  if (index === -1) {
    throw new SourceError(
      'SOURCE_COLUMN',
      `${basename(file)} has no column "${column}" among its ${header.length}`,
      {
        hint: 'Name one of its header line in profile_api.column; names are case-sensitive.',
      },
    )
  }
  return rows.map((row) => row[index] ?? '')
}
