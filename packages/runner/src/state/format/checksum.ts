import { crc32 } from 'node:zlib'
import { unreadable } from './errors.ts'

/**
 * The checksum kept beside the bytes of rows: neither SQLite nor every PostgreSQL would notice a
 * flipped bit.
 */
export function checksumOf(bytes: Uint8Array): number {
  return crc32(bytes)
}

/**
 * Hands bytes on if they are the ones that were written.
 *
 * @throws {StateError} `STATE_UNREADABLE`
 */
export function verified(bytes: Uint8Array, checksum: number, partition: number): Uint8Array {
  if (crc32(bytes) !== checksum)
    throw unreadable(`the rows of partition ${partition} are not as they were written`)
  return bytes
}
