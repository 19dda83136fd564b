import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { ByteReader } from './byte-reader.ts'
import { isStill } from './identity.ts'
import type { SeenFile } from './identity.ts'
import { GunzipReader } from './gunzip-reader.ts'
import { PlainReader } from './plain-reader.ts'

const GZIP_MAGIC = [0x1f, 0x8b] as const

/** Whether the first bytes of a file are gzip's, whatever its name. */
export async function isGzip(file: FileHandle): Promise<boolean> {
  const first = Buffer.alloc(2)
  const { bytesRead } = await file.read(first, 0, 2, 0)
  return bytesRead === 2 && first[0] === GZIP_MAGIC[0] && first[1] === GZIP_MAGIC[1]
}

/** Another file has the name of one that was looked at a moment ago, or it was written anew. */
export class FileReplaced extends Error {
  override name = 'FileReplaced'
}

/**
 * Opens a file to read its text from an offset of its (uncompressed) bytes on.
 *
 * @param seen - as it was when the offset was found. Default: that is not asked
 * @throws {FileReplaced} where it is no longer that file
 */
export async function openReader(
  path: string,
  offset: number,
  seen: SeenFile | null = null,
): Promise<ByteReader> {
  const file = await open(path, 'r')
  let isPlain = false
  try {
    if (seen !== null && !(await isStill(file, seen))) throw new FileReplaced()
    isPlain = !(await isGzip(file))
    return isPlain
      ? new PlainReader(file, offset)
      : GunzipReader.fromFile(path, offset, (await file.stat()).size)
  } finally {
    if (!isPlain) await file.close()
  }
}
