import type { StateInfo } from '@engage-sync/core'
import { isSameEndpoint, newerFormat, otherEnvironment, otherWorkspace } from './errors.ts'

/** What whoever opens a state expects to find there. */
export interface StateExpectation {
  readonly environment: string
  /** Fingerprint of the Braze workspace. */
  readonly workspace: string
  /** Whether a missing state is made. */
  readonly create: boolean
  /** Another key of the same endpoint is taken for the state's own from now on. Default false. */
  readonly rebind?: boolean
}

/**
 * Refuses a state that is not the one expected.
 *
 * @param known - the latest format this version reads
 * @throws {StateError} `STATE_NEWER`, `STATE_OTHER_WORKSPACE`
 */
export function checkInfo(info: StateInfo, expected: StateExpectation, known: number): void {
  if (info.format > known) throw newerFormat(info.format, known)
  if (info.environment !== expected.environment)
    throw otherEnvironment(info.environment, expected.environment)
  if (info.workspace === expected.workspace) return
  if (expected.rebind !== true || !isSameEndpoint(info.workspace, expected.workspace)) {
    throw otherWorkspace(info.workspace, expected.workspace, expected.environment)
  }
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

/**
 * `StateInfo` from its names and texts; an absent or unreadable format is 0, which no version has.
 */
export function infoFrom(pairs: Iterable<readonly [key: string, value: string]>): StateInfo {
  const stored = new Map(pairs)
  return {
    format: Number(stored.get('format')) || 0,
    id: stored.get('id') ?? '',
    environment: stored.get('environment') ?? '',
    workspace: stored.get('workspace') ?? '',
    createdAt: stored.get('created_at') ?? '',
  }
}
