import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { IDENTITY_BYTES } from './limits.ts'

/**
 * What a file was when it was read: its size then, and digests of its first and its last bytes
 * below that size.
 */
export interface FileIdentity {
  readonly size: number
  readonly head: string
  readonly tail: string
}

/** A file as it was looked at. */
export interface SeenFile extends FileIdentity {
  /** Tells without reading it that it is still what it was. */
  readonly look: string
}

/** The identity of a file now. */
export async function identify(path: string): Promise<SeenFile> {
  return withFile(path, async (file) => {
    const info = await file.stat()
    const { size } = info
    return {
      size,
      head: await headOf(file, size),
      tail: await tailOf(file, size),
      look: lookOf(info),
    }
  })
}

/** Whether an open file is the one that was looked at, grown or not: names go to others. */
export async function isStill(file: FileHandle, seen: SeenFile): Promise<boolean> {
  return lookOf(await file.stat()) === seen.look || (await beginsWith(file, seen))
}

/**
 * Whether a file begins with what another one was, so that reading may go on where it stopped.
 *
 * Shape: true for the same file, grown or not, under this or another name; false for a rewritten or
 * shortened one.
 */
export async function continues(path: string, before: FileIdentity): Promise<boolean> {
  return withFile(path, (file) => beginsWith(file, before))
}

async function beginsWith(file: FileHandle, before: FileIdentity): Promise<boolean> {
  const { size } = await file.stat()
  if (size < before.size) return false
  return (
    (await headOf(file, before.size)) === before.head &&
    (await tailOf(file, before.size)) === before.tail
  )
}

function lookOf({ dev, ino, size, mtimeMs }: Stats): string {
  return `${dev} ${ino} ${size} ${mtimeMs}`
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'r')
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

function headOf(file: FileHandle, size: number): Promise<string> {
  return digest(file, 0, Math.min(size, IDENTITY_BYTES))
}

function tailOf(file: FileHandle, size: number): Promise<string> {
  const length = Math.min(size, IDENTITY_BYTES)
  return digest(file, size - length, length)
}

async function digest(file: FileHandle, from: number, length: number): Promise<string> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, from)
  return createHash('sha256').update(bytes.subarray(0, bytesRead)).digest('base64url').slice(0, 16)
}
