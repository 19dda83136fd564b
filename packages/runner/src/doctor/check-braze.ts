import type { NormalisedEnvironment } from '@engage-sync/core'
import { openDestination } from '../adapters/registry.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { failedBy, ofDestination } from './finding.ts'
import type { Finding } from './finding.ts'
import { notLookedAt } from './missing-secrets.ts'

/** What stands for a key that is missing: Braze refuses it, and still tells that it is there and what time it is. */
const NO_KEY = 'missing'

/**
 * Whether Braze answers, takes the key with the permissions a run needs, and takes the cohort keys.
 *
 * Shape: what needs a secret that is missing is named and not looked at; the rest is.
 */
export async function checkBraze(
  opened: OpenEnvironment,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { braze } = opened.environment
  const unknown = notLookedAt('endpoint', braze.endpoint, opened)
  if (unknown !== null) return [unknown]
  const noKey = notLookedAt('key', braze.apiKey, opened)
  const noCohorts = notLookedAt('cohorts', braze.cohorts, opened)
  const known = {
    ...opened.environment,
    braze: {
      ...braze,
      apiKey: noKey === null ? braze.apiKey : NO_KEY,
      cohorts: noCohorts === null ? braze.cohorts : null,
    },
  }
  const found = await answers(known, opened, signal)
  return [
    ...(noKey === null ? found : found.flatMap((one) => withoutKey(one, noKey))),
    ...(noCohorts === null ? [] : [noCohorts]),
  ]
}

/** What Braze says of a key that is none is no news. */
function withoutKey(finding: Finding, noKey: Finding): readonly Finding[] {
  if (finding.name === 'key') return [noKey]
  return finding.name.startsWith('permission') ? [] : [finding]
}

async function answers(
  environment: NormalisedEnvironment,
  { place }: OpenEnvironment,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  try {
    const braze = await openDestination(environment, place)
    try {
      return (await braze.destination.check(signal)).map(ofDestination)
    } finally {
      await braze.close()
    }
  } catch (error) {
    return [failedBy('endpoint', error)]
  }
}
