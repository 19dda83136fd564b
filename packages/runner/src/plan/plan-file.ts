import { readFile } from 'node:fs/promises'
import { SyncError } from '@engage-sync/core'
import type { Json } from '@engage-sync/core'
import type { PlanDigest } from '../engine/index.ts'
import { misshapenMember } from './plan-file-shape.ts'
import type { PlanView } from './view.ts'

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
  /** What the plan says, without its sample users; absent in files of older versions. */
  readonly view?: PlanView
}

/** Options of `plan` that a run of the plan takes over. */
export interface PlanFileOptions {
  readonly select: readonly string[] | null
  readonly reread: boolean
  /** True: of every mapping. */
  readonly resend: boolean | readonly string[]
  /** Guards that were let pass when it was looked at, as `--allow` names them; absent in files of older versions. */
  readonly allow?: readonly string[]
}

/** The text of a plan for `run --plan`, and for `report --plan`. */
export function planFileText(
  plan: Omit<PlanFile, 'kind' | 'version' | 'expires_at' | 'view'> & { readonly view: PlanView },
): string {
  const file: PlanFile = {
    kind: 'engage-sync-plan',
    version: 1,
    ...plan,
    expires_at: new Date(Date.parse(plan.created_at) + PLAN_VALID_MS).toISOString(),
    view: { ...plan.view, samples: [] },
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
  const ends = Math.min(Date.parse(file.expires_at), Date.parse(file.created_at) + PLAN_VALID_MS)
  if (ends > expected.nowMs) return file
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

/**
 * What a plan says: of a plan file, or of what `plan --format json` printed.
 *
 * @throws {SyncError} `PLAN_UNREADABLE`
 */
export async function readPlanView(path: string): Promise<PlanView> {
  const value = parseJson(await readText(path)) as Partial<PlanFile & PlanView> | null
  const view: Partial<PlanView> | null | undefined =
    value?.kind === 'engage-sync-plan' ? value.view : (value as Partial<PlanView> | null)
  if (isPlanView(view)) return view
  throw new SyncError('PLAN_UNREADABLE', `${path} says nothing that a page can be made of`, {
    hint: 'Make one with `engage-sync plan --out FILE` of this version, or take what `plan --format json` prints.',
  })
}

/** Members that the page of a plan is made of. */
const VIEWED = [
  'environment',
  'syncs',
  'as_of',
  'users',
  'changes',
  'sync_changes',
  'by_hand',
  'mappings',
  'braze',
  'budget',
  'kinds',
  'unmapped',
  'reasons',
  'guards',
  'samples',
  'records',
  'values',
] as const

function isPlanView(view: Partial<PlanView> | null | undefined): view is PlanView {
  return (
    typeof view === 'object' &&
    view?.version === 1 &&
    VIEWED.every((member) => view[member] !== undefined) &&
    view.mappings?.every(({ joins }) => typeof joins === 'number') === true
  )
}

/** The JSON of a text; null of what is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What the parser says may quote the file; its name says enough.
    return null
  }
}

function parse(text: string, path: string): PlanFile {
  const value = parseJson(text) as Partial<PlanFile> | null
  const isPlan = value?.kind === 'engage-sync-plan' && value.version === 1
  const wrong = isPlan ? misshapenMember(value as unknown as Json) : null
  if (isPlan && wrong === null) return value as PlanFile
  const what = wrong === null ? 'is no plan of this version' : `is a plan with a ${wrong} of no use`
  throw new SyncError('PLAN_UNREADABLE', `${path} ${what}`, {
    hint: 'Make one with `engage-sync plan --out FILE`.',
  })
}
