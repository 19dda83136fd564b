import { createHash } from 'node:crypto'
import type { NormalisedBraze } from '@engage-sync/core'

/** Characters of the key's digest; enough to tell keys apart, useless to find one. */
const DIGEST_LENGTH = 16

/**
 * Names a Braze workspace without giving its key away.
 *
 * Shape: `simulator`, or `<endpoint>#<digest of endpoint and key>`. Secrets must be resolved.
 */
export function fingerprintWorkspace({
  endpoint,
  apiKey,
}: Pick<NormalisedBraze, 'endpoint' | 'apiKey'>): string {
  if (endpoint === 'simulator') return 'simulator'
  const digest = createHash('sha256')
    .update(`${endpoint}\n${apiKey ?? ''}`)
    .digest('hex')
  return `${endpoint}#${digest.slice(0, DIGEST_LENGTH)}`
}
