import { isSimulator } from '@engage-sync/core'
import type { CompileContext, NormalisedEnvironment } from '@engage-sync/core'

/**
 * What an environment decides about the meaning of its syncs: its time zone, its Segment space, and
 * whether its workspace takes cohorts.
 */
export function compileContext(environment: NormalisedEnvironment | null): CompileContext {
  if (environment === null) return {}
  const { braze, segment } = environment
  return {
    timeZone: braze.companyTimeZone,
    cohorts: isSimulator(braze) || braze.cohorts !== null,
    ...(segment !== null && { spaceId: segment.spaceId }),
  }
}
