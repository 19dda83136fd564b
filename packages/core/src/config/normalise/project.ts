import { BRAZE_INSTANCES, onlyOf } from '@engage-sync/contract'
import type {
  NormalisedBraze,
  NormalisedEnvironment,
  NormalisedGuards,
  NormalisedLog,
  NormalisedNotify,
  NormalisedProject,
  NormalisedServe,
} from '../../model/environment.ts'
import type {
  EnvironmentConfig,
  GuardsConfig,
  LogConfig,
  ProjectConfig,
  ServeConfig,
} from '../../schema/project.ts'
import type { NotifyConfig } from '../../schema/notify.ts'
import { readListenAddress, readSize } from '../../model/written-units.ts'
import { durationMs, entriesOf, fraction } from './reader.ts'
import type { Ranges } from './reader.ts'

/** The environment that is meant when none is named. */
export const DEFAULT_ENVIRONMENT = 'local'

/**
 * Brings the project file into its long form. @param wanted - name of the environment, or undefined
 * for the default
 */
export function normaliseProject(
  config: ProjectConfig,
  ranges: Ranges,
  wanted: string | undefined,
): NormalisedProject {
  const environments = new Map<string, NormalisedEnvironment>()
  for (const [name, environment] of entriesOf(config.environments)) {
    environments.set(
      name,
      normaliseEnvironment(name, environment, {
        ranges,
        guards: config.guards,
        serve: config.serve,
      }),
    )
  }
  const only = onlyOf([...environments.values()])
  const environment =
    wanted === undefined
      ? (environments.get(DEFAULT_ENVIRONMENT) ?? only)
      : (environments.get(wanted) ?? null)
  return { path: ranges.document.path, environments, environment }
}

interface Shared {
  readonly ranges: Ranges
  readonly guards: GuardsConfig | undefined
  readonly serve: ServeConfig | undefined
}

function normaliseEnvironment(
  name: string,
  config: EnvironmentConfig,
  { ranges, guards, serve }: Shared,
): NormalisedEnvironment {
  const { segment, state } = config
  return {
    name,
    braze: normaliseBraze(config.braze),
    segment: segment
      ? {
          region: segment.region ?? 'us',
          spaceId: segment.space_id,
          profileApiToken: segment.profile_api_token ?? null,
          publicApiToken: segment.public_api_token ?? null,
        }
      : null,
    sources: new Map(entriesOf(config.sources)),
    state: {
      url: state?.url ?? null,
      keepValues: state?.keep_values ?? false,
      deadLetterDays: state?.dead_letter_days ?? 30,
    },
    guards: normaliseGuards({ ...guards, ...config.guards }),
    serve: normaliseServe({ ...serve, ...config.serve }),
    notify: (config.notify ?? []).map(normaliseNotify),
    onUnknown: config.on_unknown ?? 'verify',
    onDelete: config.privacy?.on_delete ?? 'report',
    range: ranges.rangeOf(['environments', name], 'key'),
  }
}

function normaliseBraze(config: EnvironmentConfig['braze']): NormalisedBraze {
  const endpoint =
    config.endpoint ?? (config.instance === undefined ? '' : BRAZE_INSTANCES[config.instance])
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    instance: config.instance ?? null,
    apiKey: config.api_key ?? null,
    batch: config.batch ?? 'combined',
    requestsPerSecond: config.requests_per_second ?? null,
    settleMs: durationMs(config.settle ?? '5s'),
    verifyAfterMs: durationMs(config.verify_after ?? '60s'),
    companyTimeZone: config.company_time_zone ?? 'UTC',
    cohorts: config.cohorts
      ? {
          partner: config.cohorts.partner,
          partnerApiKey: config.cohorts.partner_api_key,
          dataImportKey: config.cohorts.data_import_key,
        }
      : null,
  }
}

function normaliseGuards(config: GuardsConfig): NormalisedGuards {
  return {
    maxRemovals: fraction(config.max_removals ?? '20%'),
    minRemovals: config.min_removals ?? 50,
    maxAdditions: fraction(config.max_additions ?? '50%'),
    maxDataPoints: config.max_data_points ?? null,
    maxRejected: config.max_rejected === undefined ? null : fraction(config.max_rejected),
    emptySource: config.empty_source ?? 'stop',
  }
}

/** All that is told by default. */
const EVERYTHING: NormalisedNotify['on'] = ['failed', 'stopped', 'recovered', 'frozen', 'silence']

function normaliseNotify(config: NotifyConfig): NormalisedNotify {
  const { slack, webhook, secret = null, on = EVERYTHING } = config
  return {
    kind: slack === undefined ? 'webhook' : 'slack',
    url: slack ?? webhook ?? '',
    secret,
    on,
    rejected: config.rejected === undefined ? null : fraction(config.rejected),
    deadLetters: config.dead_letters ?? null,
    durationMs: config.duration === undefined ? null : durationMs(config.duration),
    silenceMs: config.silence === undefined ? null : durationMs(config.silence),
    againMs: durationMs(config.again ?? '1h'),
  }
}

const DEFAULT_LISTEN = { host: '127.0.0.1', port: 8080 }

function normaliseServe(config: ServeConfig): NormalisedServe {
  return {
    listen: readListenAddress(config.listen ?? '') ?? DEFAULT_LISTEN,
    windowMs: durationMs(config.window ?? '0ms'),
    maxLogBytes: readSize(config.max_log ?? '10GB'),
    log: normaliseLog(config.log ?? 'spool'),
    adminToken: config.admin_token ?? null,
    trustProxy: config.trust_proxy ?? false,
  }
}

function normaliseLog(config: LogConfig): NormalisedLog {
  if (config === 'spool') return config
  if (typeof config === 'object' && !('postgres' in config)) return config
  const { retention = '72h' } = config === 'postgres' ? {} : config.postgres
  return { postgres: { retentionMs: durationMs(retention) } }
}
