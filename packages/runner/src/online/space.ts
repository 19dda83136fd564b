import { SyncError } from '@engage-sync/core'
import type { NormalisedEnvironment } from '@engage-sync/core'
import type { Audience, ComputedTrait, PublicApi } from '@engage-sync/segment'
import type { Io } from '../process/io.ts'
import { loadSpaceTools } from '../adapters/registry.ts'

/** A space of Segment that can be asked what it computes. */
export interface OpenSpace {
  readonly id: string
  readonly api: PublicApi
}

/**
 * Opens the space of an environment whose secrets are resolved.
 *
 * Shape: asks Segment itself, or the address in `ENGAGE_SYNC_PUBLIC_API_URL`, where a double of it
 * may answer.
 *
 * @throws {SyncError} `CONFIG_NO_PUBLIC_API` when the environment has no token for the Public API
 */
export async function openSpace(
  { name, segment }: NormalisedEnvironment,
  { env }: Pick<Io, 'env'>,
): Promise<OpenSpace> {
  if (segment === null || segment.publicApiToken === null) {
    throw new SyncError(
      'CONFIG_NO_PUBLIC_API',
      `Environment ${name} has no token for Segment's Public API`,
      {
        hint: 'Add `segment: { space_id: …, public_api_token: "${SEGMENT_PUBLIC_API_TOKEN}" }` to it.',
      },
    )
  }
  const { createPublicApi } = await loadSpaceTools()
  const baseUrl = env[URL_VARIABLE]
  const where = baseUrl ? { baseUrl: checkUrl(baseUrl) } : { region: segment.region }
  return { id: segment.spaceId, api: createPublicApi({ token: segment.publicApiToken, ...where }) }
}

const URL_VARIABLE = 'ENGAGE_SYNC_PUBLIC_API_URL'

/** The token travels with every request: in clear it stays on this machine. */
function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const isLocal = url !== null && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return text
  throw new SyncError('CONFIG_PUBLIC_API_URL', `${URL_VARIABLE} is no https URL`, {
    hint: 'Plain http is taken for this machine only.',
  })
}

/** Everything a space computes. */
export async function readSpace(
  { id, api }: OpenSpace,
  signal: AbortSignal,
): Promise<{
  readonly audiences: readonly Audience[]
  readonly computedTraits: readonly ComputedTrait[]
}> {
  const [audiences, computedTraits] = await Promise.all([
    api.listAudiences(id, signal),
    api.listComputedTraits(id, signal),
  ])
  return { audiences, computedTraits }
}
