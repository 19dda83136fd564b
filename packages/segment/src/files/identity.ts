import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
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

/** The identity of a file now. */
export async function identify(path: string): Promise<FileIdentity> {
  return withFile(path, async (file) => {
    const { size } = await file.stat()
    return { size, head: await headOf(file, size), tail: await tailOf(file, size) }
  })
}

/**
 * Whether a file begins with what another one was, so that reading may go on where it stopped.
 *
 * Shape: true for the same file, grown or not, under this or another name; false for a rewritten or
 * shortened one.
 */
export async function continues(path: string, before: FileIdentity): Promise<boolean> {
  return withFile(path, async (file) => {
    const { size } = await file.stat()
    if (size < before.size) return false
    return (
      (await headOf(file, before.size)) === before.head &&
      (await tailOf(file, before.size)) === before.tail
    )
  })
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
