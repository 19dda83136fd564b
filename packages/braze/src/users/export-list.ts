import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { ExportedList, ExportedProfile, ExportFields } from '@engage-sync/contract'
import type { BrazeExportedUser } from '../api/index.ts'
import { BrazeError } from '../errors.ts'
import type { Exchanger } from '../exchange/index.ts'
import { filesOfArchive } from './archive.ts'
import { download } from './download.ts'
import { fieldsToExport, profileOf } from './profile.ts'
import { askUsers } from './ask-users.ts'

const PATH = '/users/export/segment'

/**
 * Everybody in a segment, or in files of an export that was made before.
 *
 * Shape: ZIP archives of files with a user's JSON object a line, as Braze writes them, or such files
 * as they are. An archive is kept in a directory of this process's own while it is read.
 *
 * @throws {BrazeError} `BRAZE_EXPORT`
 * @see https://www.braze.com/docs/api/endpoints/export/user_data/post_users_segment/
 */
export async function* exportList(
  shared: Exchanger,
  list: ExportedList,
  { fields, signal }: { readonly fields: ExportFields; readonly signal: AbortSignal },
): AsyncGenerator<ExportedProfile> {
  if ('files' in list) {
    for (const file of list.files) yield* profilesIn(file, fields, signal)
    return
  }
  const url = await askForSegment(shared, list.segment, { fields, signal })
  const directory = await mkdtemp(join(tmpdir(), 'engage-sync-export-'))
  try {
    const file = join(directory, 'users.zip')
    await download(shared, url, { file, signal })
    yield* profilesIn(file, fields, signal)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Has Braze make the export; returns where its archive will be. */
async function askForSegment(
  shared: Exchanger,
  segment: string,
  { fields, signal }: { readonly fields: ExportFields; readonly signal: AbortSignal },
): Promise<string> {
  // Braze makes one export of a segment at a time, so it is not asked twice.
  const call = { path: PATH, group: 'default', repeatable: false } as const
  const body = { segment_id: segment, fields_to_export: fieldsToExport(fields) }
  const { body: answer } = await askUsers(shared, { ...call, body, signal })
  const { url, object_prefix: prefix } = answer as Readonly<Record<string, unknown>>
  if (typeof url === 'string') return url
  const where = typeof prefix === 'string' ? `, under ${prefix}` : ''
  throw new BrazeError('BRAZE_EXPORT', `Braze writes the export into storage of your own${where}`, {
    hint: 'Copy its archives here once they are there, and name their directory with --exported.',
    place: PATH,
  })
}

async function* profilesIn(
  file: string,
  fields: ExportFields,
  signal: AbortSignal,
): AsyncGenerator<ExportedProfile> {
  try {
    if (!file.endsWith('.zip')) return yield* profilesOf(createReadStream(file), fields, signal)
    for await (const content of filesOfArchive(file)) yield* profilesOf(content, fields, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof BrazeError) throw error
    throw unreadable(error instanceof Error ? error.message : 'it cannot be read', error)
  }
}

async function* profilesOf(
  content: Readable,
  fields: ExportFields,
  signal: AbortSignal,
): AsyncGenerator<ExportedProfile> {
  const lines = createInterface({ input: content, crlfDelay: Infinity })
  let failure: unknown = null
  content.once('error', (error) => {
    failure = error
    lines.close()
  })
  try {
    for await (const line of lines) {
      signal.throwIfAborted()
      if (line.trim() !== '') yield profileOf(userOf(line), fields)
    }
    if (failure !== null) throw failure
  } finally {
    content.destroy()
  }
}

function userOf(line: string): BrazeExportedUser {
  let user: unknown = null
  try {
    user = JSON.parse(line)
  } catch {
    // Its text is personal data, and the parser's message quotes it.
  }
  if (typeof user === 'object' && user !== null && !Array.isArray(user))
    return user as BrazeExportedUser
  throw unreadable('a line of it is no JSON object')
}

function unreadable(why: string, cause?: unknown): BrazeError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  return new BrazeError('BRAZE_EXPORT', `The export cannot be read: ${code ?? why}`, {
    hint: "It has to be an archive as Braze's export of a segment makes it, or a file of it: a user's JSON object a line.",
    place: PATH,
  })
}
