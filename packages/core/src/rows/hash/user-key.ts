import type { UserRef } from '@engage-sync/contract'
import { PARTITIONS } from '../../state-store.ts'
import type { Digest } from './digest.ts'
import { hashBytes, hashOut } from './murmur.ts'

/** First byte of a stored identifier: what kind it is. */
export const EXTERNAL_ID = 0x65
export const ALIAS = 0x61

/** What kind of identifier a row has. */
export type UserKind = typeof EXTERNAL_ID | typeof ALIAS

const SEEDS: Readonly<Record<number, number>> = { [EXTERNAL_ID]: 0x5eed0001, [ALIAS]: 0x5eed0002 }

/** A user's identifier as bytes: its kind and a span. An alias is `label NUL name`. */
export interface UserKey {
  readonly kind: UserKind
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Hashes a user identifier into `hashOut`; its low half chooses the partition. */
export function hashUser(kind: number, bytes: Uint8Array, start: number, end: number): void {
  hashBytes(bytes, start, end, SEEDS[kind])
}

/** Hash of a user's identifier; its low half chooses the partition. */
export function userHash({ kind, bytes, start, end }: UserKey): Digest {
  hashUser(kind, bytes, start, end)
  return { low: hashOut[0], high: hashOut[1] }
}

/** The partition that has the rows of a hash. @param low - half of it */
export function partitionOfHash(low: number): number {
  return low & (PARTITIONS - 1)
}

/** The partition that has, or would have, a user's row. */
export function partitionOf(key: UserKey): number {
  return partitionOfHash(userHash(key).low)
}

/**
 * The key of an identifier of a kind. @param text - an external id, or `label NUL name` of an alias
 */
export function userKey(kind: UserKind, text: string): UserKey {
  const bytes = encoder.encode(text)
  return { kind, bytes, start: 0, end: bytes.length }
}

/** The key of an identifier as rows and dead letters name it: no external id has a NUL. */
export function userKeyOf(text: string): UserKey {
  return userKey(isAliasText(text) ? ALIAS : EXTERNAL_ID, text)
}

/** An identifier as text. */
export function userText({ bytes, start, end }: UserKey): string {
  return decoder.decode(bytes.subarray(start, end))
}

/** The text of an alias, as rows name it. */
export function aliasText(label: string, name: string): string {
  return `${label}\u0000${name}`
}

/** Whether an identifier's text is one of an alias. */
export function isAliasText(text: string): boolean {
  return text.includes('\u0000')
}

/** What people call the user by: the external id, or the name of an alias without its label. */
export function userName(text: string): string {
  return text.slice(text.lastIndexOf('\u0000') + 1)
}

/** The user at the destination an identifier stands for. */
export function userRefOf(kind: number, text: string): UserRef {
  if (kind !== ALIAS) return { externalId: text }
  const split = text.indexOf('\u0000')
  return { alias: { label: text.slice(0, split), name: text.slice(split + 1) } }
}

/** The key of a user at the destination. */
export function userKeyOfRef(user: UserRef): UserKey {
  return 'alias' in user
    ? userKey(ALIAS, aliasText(user.alias.label, user.alias.name))
    : userKey(EXTERNAL_ID, user.externalId)
}
