import { resolveSecrets, SyncError } from '@engage-sync/core'
import type { Check, Diagnostic, NormalisedEnvironment } from '@engage-sync/core'
import { openDestination } from '../adapters/registry.ts'
import type { ReadConfig } from '../workspace/configuration/config-files.ts'
import { environmentDirectory } from '../workspace/environment/directory.ts'
import { secretSources } from '../workspace/environment/resolve-environment.ts'
import { compareWithSegment } from './compare-with-segment.ts'
import { excerptAt } from './excerpt.ts'
import { openSpace } from './space.ts'
import type { OnlineContext, OnlineFindings } from './findings.ts'

/**
 * Asks the Segment space and the Braze workspace of an environment whether they fit the
 * configuration.
 *
 * Shape: keys the space lacks are errors at their place, disabled ones warnings; what Braze refuses
 * is an error at its environment. A simulator is not asked.
 *
 * @throws {SyncError} `CONFIG_NOTHING_ONLINE` when the environment names neither, `SECRET_…`,
 *   `SOURCE_…`, `DESTINATION_…`
 */
export async function checkOnline(context: OnlineContext): Promise<OnlineFindings> {
  const { config, io } = context
  const named = config.project?.environment ?? null
  const asksSegment = (named?.segment?.publicApiToken ?? null) !== null
  const asksBraze = named !== null && named.braze.endpoint !== 'simulator'
  if (named === null || (!asksSegment && !asksBraze)) throw nothingToAsk(named)
  const environment = { ...named, ...resolveSecrets(whatIsAsked(named), secretSources(config, io)) }
  const space = asksSegment
    ? await compareWithSegment(context, await openSpace(environment, io))
    : { diagnostics: [], remarks: new Map() }
  const checks = asksBraze ? await checkBraze(environment, context) : []
  return {
    diagnostics: [
      ...space.diagnostics,
      ...checks.flatMap((check) => brazeDiagnostic(check, named, config)),
    ],
    remarks: space.remarks,
  }
}

/** Secrets that nobody is asked with need not be there. */
function whatIsAsked({
  segment,
  braze,
}: NormalisedEnvironment): Pick<NormalisedEnvironment, 'segment' | 'braze'> {
  return { segment: segment === null ? null : { ...segment, profileApiToken: null }, braze }
}

function nothingToAsk(environment: NormalisedEnvironment | null): SyncError {
  const name = environment === null ? 'The environment' : `Environment ${environment.name}`
  return new SyncError(
    'CONFIG_NOTHING_ONLINE',
    `${name} names neither a Segment space with a Public API token nor a Braze workspace`,
    {
      hint: 'Choose another with --env, or add `segment: { space_id: …, public_api_token: "${SEGMENT_PUBLIC_API_TOKEN}" }` to it.',
    },
  )
}

async function checkBraze(
  environment: NormalisedEnvironment,
  { config, io }: OnlineContext,
): Promise<readonly Check[]> {
  const directory = environmentDirectory(config.root, environment.name)
  const { destination, close } = await openDestination(environment, {
    root: config.root,
    directory,
    stdin: io.stdin,
  })
  try {
    return await destination.check(io.signal)
  } finally {
    await close()
  }
}

function brazeDiagnostic(
  { status, name, message, hint }: Check,
  { range }: NormalisedEnvironment,
  config: ReadConfig,
): readonly Diagnostic[] {
  if (status === 'ok') return []
  const severity = status === 'failed' ? 'error' : 'warning'
  const place = { ...range, excerpt: excerptAt(config.files, range) }
  return [
    {
      ...place,
      severity,
      code: 'BRAZE_CHECK',
      message: `${name}: ${message}`,
      ...(hint === undefined ? {} : { hint }),
    },
  ]
}
