import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cause } from '@engage-sync/core'
import type { Place } from '../../adapters/registry.ts'
import { keepOutOfGit } from '../environment/directory.ts'
import { replaceFile } from '../files/replace-file.ts'

/** A run that ended before the state could keep it: out of reach, held by another, without a secret. */
export interface UnbegunRun {
  /** Milliseconds since the epoch. */
  readonly startedMs: number
  readonly endedMs: number
  readonly status: 'failed' | 'stopped'
  readonly error: Cause
}

/** The latest ones that are kept. */
const MOST = 50
const FILE = 'unbegun.json'

/**
 * Runs of this machine that the state knows nothing of, the latest first; none where no such file is
 * there, or none that can be read.
 */
export function unbegunRuns({ directory }: Pick<Place, 'directory'>): readonly UnbegunRun[] {
  try {
    const kept = JSON.parse(readFileSync(join(directory, FILE), 'utf8')) as {
      readonly version: number
      readonly runs: readonly UnbegunRun[]
    }
    return kept.version === 1 ? kept.runs : []
  } catch {
    return []
  }
}

/**
 * Keeps one more, in a file beside the configuration: the state is what cannot be had.
 *
 * @throws {SyncError} where nothing may be written there
 */
export function noteUnbegun({ root, directory }: Place, run: UnbegunRun): void {
  keepOutOfGit(root)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const runs = [run, ...unbegunRuns({ directory })].slice(0, MOST)
  replaceFile(FILE, `${JSON.stringify({ version: 1, runs })}\n`, directory)
}
