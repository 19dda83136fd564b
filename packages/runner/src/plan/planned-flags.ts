import { resolve } from 'node:path'
import { SyncError } from '@engage-sync/core'
import type { PlanDigest } from '../engine/index.ts'
import type { Io } from '../process/io.ts'
import type { EngineFlags } from '../workspace/engine-options.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { readPlanFile } from './plan-file.ts'

/** What of the command line of a run a plan decides. */
export interface PlannableFlags extends EngineFlags {
  readonly select?: readonly string[]
  /** The file of the plan. */
  readonly plan?: string
}

/** Flags with what a plan says in their place, and what a run is held to; null without a plan. */
export type PlannedFlags<Flags extends PlannableFlags> = Flags & {
  readonly expect: PlanDigest | null
}

/**
 * The flags with what the plan file says in their place.
 *
 * @throws {SyncError} `USAGE_PLAN`, `PLAN_…`
 */
export async function plannedFlags<Flags extends PlannableFlags>(
  io: Pick<Io, 'cwd' | 'now'>,
  flags: Flags,
  { environment }: OpenEnvironment,
): Promise<PlannedFlags<Flags>> {
  if (flags.plan === undefined) return { ...flags, expect: null }
  if (
    flags.select !== undefined ||
    flags.reread === true ||
    flags.resend !== undefined ||
    flags.only !== undefined
  ) {
    throw new SyncError('USAGE_PLAN', 'A plan decides by itself what is run', {
      hint: 'Leave out --select, --only, --reread and --resend.',
    })
  }
  const { options, expectation } = await readPlanFile(resolve(io.cwd, flags.plan), {
    environment: environment.name,
    nowMs: io.now(),
  })
  const { select, reread, resend, allow = [] } = options
  const allowed = [...allow, ...(flags.allow ?? [])]
  return {
    ...flags,
    ...(select !== null && { select }),
    reread,
    resend,
    allow: allowed,
    expect: expectation,
  }
}
