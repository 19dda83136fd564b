import type { StateInfo } from '@engage-sync/core'
import { recordChecksum } from './checksum.ts'
import {
  isSameEndpoint,
  newerFormat,
  otherEnvironment,
  otherWorkspace,
  unreadable,
} from './errors.ts'
import { BOUND_FORMAT } from './migrations.ts'
import { CHECKSUM_MASK } from './place-checksums.ts'

/**
 * What somebody who opens a state may do to it.
 *
 * `read`: nothing, and an older format is read as it is. `hold`: take the lease, so that nobody else
 * writes meanwhile. `write`: everything; an older format is brought up first. Default: `write`.
 */
export type StateAccess = 'read' | 'hold' | 'write'

/** What whoever opens a state expects to find there. */
export interface StateExpectation {
  readonly environment: string
  /** Fingerprint of the Braze workspace. */
  readonly workspace: string
  /** Whether a missing state is made. */
  readonly create: boolean
  /** Another key of the same endpoint is the state's own from now on, if it is written. Default false. */
  readonly rebind?: boolean
  readonly access?: StateAccess
  /** Of the pieces that snapshots are written in. Default: 8 MB */
  readonly pieceBytes?: number
}

/** A state as it was found. */
export interface FoundState {
  readonly info: StateInfo
  /** It knows of nothing that a workspace received: it goes with any. */
  readonly isUnused: boolean
}

/**
 * Whether a state that was found needs to be asked whether it is unused.
 *
 * @param known - the latest format this version reads
 */
export function isForeign(info: StateInfo, expected: StateExpectation, known: number): boolean {
  return info.format <= known && info.workspace !== expected.workspace
}

/** Gives `unused`: whether no workspace received anything that a state knows of. @param table - a table's name in SQL */
export function unusedQuery(table: (name: string) => string): string {
  const none = (from: string) => `NOT EXISTS (SELECT 1 FROM ${from})`
  const cohorts = `${table('"values"')} WHERE key LIKE 'cohort:%'`
  const all = [table('snapshots'), table('deltas'), table('marks'), cohorts].map(none)
  return `SELECT CASE WHEN ${all.join(' AND ')} THEN 1 ELSE 0 END AS unused`
}

/**
 * Refuses a state that is not the one expected.
 *
 * @param known - the latest format this version reads
 * @throws {StateError} `STATE_NEWER`, `STATE_OTHER_WORKSPACE`
 */
export function checkInfo(
  { info, isUnused }: FoundState,
  expected: StateExpectation,
  known: number,
): void {
  if (info.format > known) throw newerFormat(info.format, known)
  if (info.environment !== expected.environment)
    throw otherEnvironment(info.environment, expected.environment)
  if (info.workspace === expected.workspace || isUnused) return
  if (expected.rebind !== true || !isSameEndpoint(info.workspace, expected.workspace)) {
    throw otherWorkspace(info.workspace, expected.workspace, expected.environment)
  }
}

/** What a state says of itself, and the checksum of that. */
export interface StoredInfo {
  readonly pairs: readonly (readonly [key: string, value: string])[]
  /** Undefined where it is missing, or the format had none. */
  readonly checksum: number | undefined
}

/**
 * `StateInfo` as it was written.
 *
 * @param known - the latest format this version reads; what a later one has beside it is not asked for
 * @throws {StateError} `STATE_UNREADABLE`
 */
export function readInfo({ pairs, checksum }: StoredInfo, known: number): StateInfo {
  const info = infoFrom(pairs)
  const isChecked = checksum !== undefined || info.format >= BOUND_FORMAT
  if (info.format <= known && isChecked && checksum !== infoChecksum(pairs)) {
    throw unreadable('what it says of itself is not as it was written')
  }
  return info
}

/** The checksum of what a state says of itself. */
export function infoChecksum(pairs: StoredInfo['pairs']): number {
  return pairs.reduce(
    (sum, [key, value]) => (sum + recordChecksum('info', key, value)) & CHECKSUM_MASK,
    0,
  )
}

/** The members of `StateInfo` as the stores keep them: names and texts. */
export function infoPairs(info: StateInfo): readonly (readonly [key: string, value: string])[] {
  return [
    ['format', String(info.format)],
    ['id', info.id],
    ['environment', info.environment],
    ['workspace', info.workspace],
    ['created_at', info.createdAt],
  ]
}

/** An absent or unreadable format is 0, which no version has. */
function infoFrom(pairs: Iterable<readonly [key: string, value: string]>): StateInfo {
  const stored = new Map(pairs)
  return {
    format: Number(stored.get('format')) || 0,
    id: stored.get('id') ?? '',
    environment: stored.get('environment') ?? '',
    workspace: stored.get('workspace') ?? '',
    createdAt: stored.get('created_at') ?? '',
  }
}
