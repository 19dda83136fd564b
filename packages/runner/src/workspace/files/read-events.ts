import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { constants, createGunzip } from 'node:zlib'
import { parseSource, SyncError } from '@engage-sync/core'
import type { SourceJson } from '@engage-sync/core'
import type { Io } from '../../process/io.ts'
import { loadUnwrap } from '../../adapters/registry.ts'

/** Most text of which drafts are made and which `debug` takes, in bytes. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024

/** Events as a person gives them. */
export interface GivenEvents {
  /** With all digits of their numbers. */
  readonly events: readonly SourceJson[]
  /** Whether there was more than is read. */
  readonly isCut: boolean
}

/**
 * Reads events from a file or standard input (`-`): newline-delimited JSON, one JSON value over
 * several lines, or a list of them; gzip or not; wrapped as Segment's transports do or not.
 *
 * Shape: in their order; at most `MAX_EVENT_BYTES` of text.
 *
 * @throws {SyncError} `SOURCE_NOT_FOUND`, `SOURCE_UNREADABLE`, `SOURCE_NOT_JSON` with the line
 */
export async function readEvents(
  file: string,
  io: Pick<Io, 'stdin' | 'cwd'>,
): Promise<GivenEvents> {
  const name = file === '-' ? 'standard input' : file
  const { text, isCut } = await readText(
    file === '-' ? io.stdin : createReadStream(resolve(io.cwd, file)),
    name,
  )
  const unwrap = await loadUnwrap()
  return {
    events: parseEvents(text, name).flatMap((value) => unwrap(value) as readonly SourceJson[]),
    isCut,
  }
}

async function readText(
  source: AsyncIterable<Uint8Array>,
  name: string,
): Promise<{ text: string; isCut: boolean }> {
  try {
    const given = await collect(source)
    const isGzip = given.bytes[0] === 0x1f && given.bytes[1] === 0x8b
    const { bytes, isCut } = isGzip ? await gunzip(given) : given
    return {
      text: isCut ? wholeLines(bytes) : bytes.toString('utf8').replace(/^\uFEFF/, ''),
      isCut,
    }
  } catch (error) {
    throw unreadable(name, error)
  }
}

interface Collected {
  readonly bytes: Buffer
  readonly isCut: boolean
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Collected> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of source) {
    parts.push(part)
    length += part.length
    if (length > MAX_EVENT_BYTES) return { bytes: Buffer.concat(parts), isCut: true }
  }
  return { bytes: Buffer.concat(parts), isCut: false }
}

/** The end of what was cut is missing; the end of everything else must be there. */
async function gunzip({ bytes, isCut }: Collected): Promise<Collected> {
  const stream = createGunzip(isCut ? { finishFlush: constants.Z_SYNC_FLUSH } : {})
  stream.end(bytes)
  const text = await collect(stream as AsyncIterable<Uint8Array>)
  return { bytes: text.bytes, isCut: isCut || text.isCut }
}

function wholeLines(bytes: Buffer): string {
  const end = bytes.lastIndexOf(10)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

function parseEvents(text: string, name: string): readonly SourceJson[] {
  const whole = parse(text)
  if (whole !== undefined) return [whole]
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const value = parse(line)
    if (value !== undefined) return [value]
    throw new SyncError(
      'SOURCE_NOT_JSON',
      `${name}:${index + 1}: expected a JSON value on this line`,
      {
        hint: 'Give one event a line, one event over several lines, or a list of events.',
      },
    )
  })
}

function parse(text: string): SourceJson | undefined {
  try {
    return parseSource(text)
  } catch {
    return undefined
  }
}

function unreadable(name: string, error: unknown): SyncError {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT')
    return new SyncError('SOURCE_NOT_FOUND', `There is no file ${name}`, {
      hint: 'Paths start at the current directory; - is standard input.',
    })
  return new SyncError('SOURCE_UNREADABLE', `${name} cannot be read (${code ?? 'unknown'})`, {
    hint: 'Check that it is a file, may be read, and is whole.',
  })
}
