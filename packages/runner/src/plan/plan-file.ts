import { readFile } from 'node:fs/promises'
import { SyncError } from '@engage-sync/core'
import type { PlanDigest } from '../engine/index.ts'

/** A plan file is good for this long, milliseconds; after that too much may have happened. */
export const PLAN_VALID_MS = 24 * 3_600_000

/**
 * What a plan file holds: which run it is of, and what that run must find again. No values, no
 * users.
 */
export interface PlanFile {
  readonly kind: 'engage-sync-plan'
  readonly version: 1
  readonly environment: string
  /** ISO 8601. */
  readonly created_at: string
  readonly expires_at: string
  /** The options that decide what a run does. */
  readonly options: PlanFileOptions
  readonly expectation: PlanDigest
}

/** Options of `plan` that a run of the plan takes over. */
export interface PlanFileOptions {
  readonly select: readonly string[] | null
  readonly reread: boolean
  readonly resend: boolean
  /** Guards that were let pass when it was looked at, as `--allow` names them; absent in files of older versions. */
  readonly allow?: readonly string[]
}

/** The text of a plan for `run --plan`. */
export function planFileText(plan: Omit<PlanFile, 'kind' | 'version' | 'expires_at'>): string {
  const file: PlanFile = {
    kind: 'engage-sync-plan',
    version: 1,
    ...plan,
    expires_at: new Date(Date.parse(plan.created_at) + PLAN_VALID_MS).toISOString(),
  }
  return `${JSON.stringify(file, null, 2)}\n`
}

/**
 * Reads a plan file.
 *
 * @throws {SyncError} `PLAN_UNREADABLE`, `PLAN_OTHER_ENVIRONMENT`, `PLAN_EXPIRED`
 */
export async function readPlanFile(
  path: string,
  expected: { readonly environment: string; readonly nowMs: number },
): Promise<PlanFile> {
  const file = parse(await readText(path), path)
  if (file.environment !== expected.environment) {
    throw new SyncError(
      'PLAN_OTHER_ENVIRONMENT',
      `The plan is of environment ${file.environment}, not of ${expected.environment}`,
      {
        hint: `Run it with --env ${file.environment}.`,
      },
    )
  }
  if (Date.parse(file.expires_at) > expected.nowMs) return file
  throw new SyncError('PLAN_EXPIRED', `The plan expired at ${file.expires_at}`, {
    hint: 'Make a new one with `engage-sync plan --out FILE`.',
  })
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new SyncError('PLAN_UNREADABLE', `The plan file cannot be read (${code})`, {
      hint: 'Check its path.',
    })
  }
}

function parse(text: string, path: string): PlanFile {
  try {
    const value = JSON.parse(text) as Partial<PlanFile> | null
    if (
      value?.kind === 'engage-sync-plan' &&
      value.version === 1 &&
      value.expectation !== undefined
    )
      return value as PlanFile
  } catch {
    // What the parser says may quote the file; its name says enough.
  }
  throw new SyncError('PLAN_UNREADABLE', `${path} is no plan of this version`, {
    hint: 'Make one with `engage-sync plan --out FILE`.',
  })
}
