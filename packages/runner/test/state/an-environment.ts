import type { NormalisedEnvironment } from '@engage-sync/core'

/** An environment whose secrets are resolved, with nothing in it but what a state needs. */
export function anEnvironment(options: {
  readonly name?: string
  readonly endpoint?: string
  readonly apiKey?: string
  readonly url?: string
}): NormalisedEnvironment {
  return {
    name: options.name ?? 'local',
    braze: {
      endpoint: options.endpoint ?? 'simulator',
      instance: null,
      apiKey: options.apiKey ?? null,
      batch: 'combined',
      requestsPerSecond: null,
      settleMs: 0,
      verifyAfterMs: 0,
      companyTimeZone: 'UTC',
      cohorts: null,
    },
    segment: null,
    sources: new Map(),
    state: { url: options.url ?? null, keepValues: false, deadLetterDays: 30 },
    guards: {
      maxRemovals: 0.2,
      minRemovals: 50,
      maxAdditions: 0.5,
      maxDataPoints: null,
      maxRejected: null,
      emptySource: 'stop',
    },
    serve: {
      listen: { host: '127.0.0.1', port: 0 },
      windowMs: 0,
      maxLogBytes: 1e9,
      log: 'spool',
      adminToken: null,
      trustProxy: false,
    },
    notify: [],
    onUnknown: 'verify',
    onDelete: 'report',
    range: { path: 'configs/engage-sync.yaml', line: 1, column: 1, endLine: 1, endColumn: 1 },
  }
}
