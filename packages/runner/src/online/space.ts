import { SyncError } from '@engage-sync/core'
import type { NormalisedEnvironment } from '@engage-sync/core'
import type { Audience, ComputedTrait, PublicApi } from '@engage-sync/segment'
import type { Io } from '../io.ts'
import { loadSpaceTools } from '../registry.ts'

/** A space of Segment that can be asked what it computes. */
export interface OpenSpace {
  readonly id: string
  readonly api: PublicApi
}

/**
 * Opens the space of an environment whose secrets are resolved.
 *
 * Shape: asks Segment itself, or the address in `ENGAGE_SYNC_PUBLIC_API_URL`, where a double of it may answer.
 *
 * @throws {SyncError} `CONFIG_NO_PUBLIC_API` when the environment has no token for the Public API
 */
export async function openSpace({ name, segment }: NormalisedEnvironment, { env }: Pick<Io, 'env'>): Promise<OpenSpace> {
  if (segment === null || segment.publicApiToken === null) {
    throw new SyncError('CONFIG_NO_PUBLIC_API', `Environment ${name} has no token for Segment's Public API`, {
      hint: 'Add `segment: { space_id: …, public_api_token: "${SEGMENT_PUBLIC_API_TOKEN}" }` to it.',
    })
  }
  const { createPublicApi } = await loadSpaceTools()
  const baseUrl = env['ENGAGE_SYNC_PUBLIC_API_URL']
  const where = baseUrl ? { baseUrl } : { region: segment.region }
  return { id: segment.spaceId, api: createPublicApi({ token: segment.publicApiToken, ...where }) }
}

/** Everything a space computes. */
export async function readSpace(
  { id, api }: OpenSpace,
  signal: AbortSignal,
): Promise<{ readonly audiences: readonly Audience[]; readonly computedTraits: readonly ComputedTrait[] }> {
  const [audiences, computedTraits] = await Promise.all([api.listAudiences(id, signal), api.listComputedTraits(id, signal)])
  return { audiences, computedTraits }
}
