import type { GuardStop } from '@engage-sync/core'
import { checkPlan, noteNewerRecords } from './expected.ts'
import { guardRun } from './guards/index.ts'
import type { OpenRun } from './open.ts'
import type { Planned, SourceFold } from './reading/index.ts'
import type { EngineOptions } from './request/index.ts'

/** Holds what is planned against the plan it is to do, and against the guards. */
export async function judgeRun(
  options: EngineOptions,
  open: OpenRun,
  { planned, fold }: { readonly planned: Planned; readonly fold: SourceFold },
): Promise<readonly GuardStop[]> {
  const { part } = options
  if (part?.judge !== undefined) {
    const reads = fold.ranges.map(({ source, kind, from, decoded }) => ({
      source,
      kind,
      from,
      decoded,
    }))
    return await part.judge({ ...planned, reads })
  }
  checkPlan(options, planned, { from: fold.starts(), open })
  await noteNewerRecords(options, open)
  return await guardRun(options, open, planned)
}
