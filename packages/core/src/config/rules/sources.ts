import { readCron } from '../../values/cron.ts'
import { hintFor } from '@engage-sync/contract'
import type { ConfigPath } from '../../model/source-range.ts'
import type { SourceConfig } from '../../schema/source.ts'
import type { ConfigDocument } from '../document/document.ts'
import type { Rule, RuleContext } from './rule.ts'

/** A source by name is one of the environment's. */
export const checkSources: Rule = ({ project, environment, syncs }) => {
  if (project === null || environment === null) return
  if (project.document.isDamaged(['environments', environment.name, 'sources'])) return
  const known = [...environment.sources.keys()]
  for (const { document, config, sync } of syncs) {
    if (
      typeof config.source !== 'string' ||
      !sync.enabled ||
      environment.sources.has(config.source)
    )
      continue
    const hint =
      hintFor(config.source, known) ??
      `Add it under \`environments.${environment.name}.sources\`, or choose another environment.`
    document.report('SOURCE_UNKNOWN', sync.source.range, {
      message: `environment "${environment.name}" has no source "${config.source}"`,
      hint,
    })
  }
}

/** `s3:` says how to reach a bucket; without an `s3://` address there is none. */
export const checkBuckets: Rule = (context) => {
  for (const { document, config, path } of writtenSources(context))
    checkBucket(document, config, path)
}

/**
 * A place in Segment's layout names the folder of one source: who has a write key of another writes
 * into that one's.
 *
 * @see https://www.twilio.com/docs/segment/connections/storage/catalog/aws-s3 (layout)
 */
export const checkFolders: Rule = (context) => {
  for (const { document, config, path } of writtenSources(context))
    checkFolder(document, config, path)
}

/** Sources as written: those of environments, then those in place. */
export function writtenSources({ project, syncs }: RuleContext) {
  const named = Object.entries(project?.config.environments ?? {}).flatMap(([name, { sources }]) =>
    Object.entries(sources ?? {}).map(([source, config]) => ({
      config,
      path: ['environments', name, 'sources', source],
    })),
  )
  return [
    ...(project === null ? [] : named.map((each) => ({ ...each, document: project.document }))),
    ...syncs.flatMap(({ document, config: { source } }) =>
      typeof source === 'string' ? [] : [{ document, config: source, path: ['source'] }],
    ),
  ]
}

/** The folder of all sources, and what stands behind it. */
const LOGS = /(?:^|\/)segment-logs(?:\/([^/]*))?/u

function checkFolder(document: ConfigDocument, config: SourceConfig, path: ConfigPath): void {
  if (!('events' in config) || document.isDamaged([...path, 'events'])) return
  const wide = [config.events].flat().find((place) => {
    const found = LOGS.exec(place)
    return found !== null && (found[1] === undefined || found[1] === '' || /[*?[{]/u.test(found[1]))
  })
  if (wide === undefined) return
  document.report('SOURCE_WIDE', document.rangeOf([...path, 'events']), {
    message:
      'this reads the folder of every Segment source that writes there, and whoever has a write key of one can write into it',
    hint: 'Name the folder of the Engage source: `segment-logs/<source id>/**`.',
  })
}

function checkBucket(document: ConfigDocument, config: SourceConfig, path: ConfigPath): void {
  if (!('events' in config) || config.s3 === undefined || document.isDamaged([...path, 'events']))
    return
  if ([config.events].flat().some((place) => place.startsWith('s3://'))) return
  document.report('OPTION_UNUSED', document.rangeOf([...path, 's3'], 'key'), {
    message: '"s3" has no effect: no address begins with `s3://`',
    hint: 'Remove it, or write the address as `s3://bucket/prefix/**`.',
  })
}

/** A webhook checks who sends, or says that it does not; what it says more is unused. */
export const checkWebhooks: Rule = (context) => {
  for (const { document, config, path } of writtenSources(context)) {
    if (!('webhook' in config) || document.isDamaged([...path, 'webhook'])) continue
    const { shared_secret: secret, header, unsigned } = config.webhook
    const isChecked = secret !== undefined || header !== undefined
    if (!isChecked && unsigned !== true) reportOpen(document, [...path, 'webhook'])
    if (isChecked && unsigned === true) {
      document.report('OPTION_UNUSED', document.rangeOf([...path, 'webhook', 'unsigned'], 'key'), {
        message: `"unsigned" has no effect: \`${secret === undefined ? 'header' : 'shared_secret'}\` is asked for`,
        hint: 'Remove it.',
      })
    }
  }
}

function reportOpen(document: ConfigDocument, path: ConfigPath): void {
  document.report('WEBHOOK_OPEN', document.rangeOf(path, 'key'), {
    message: 'nothing says who may send: anybody who finds the address could write profiles',
    hint: 'Add `shared_secret: "${WEBHOOK_SECRET}"`, or say `unsigned: true` where something before the server checks them.',
  })
}

/** What the server answers by itself. */
const OWN_PATHS = /^\/(?:livez|readyz|metrics|debug|hand-over)(?:\/|$)/

/** A path is one webhook's of an environment, and none of the server's own. */
export const checkWebhookPaths: Rule = (context) => {
  const taken: TakenPath[] = []
  for (const { document, config, path } of writtenSources(context)) {
    if (!('webhook' in config) || document.isDamaged([...path, 'webhook'])) continue
    const place = [...path, 'webhook', 'path']
    const [first, environment] = path
    const own = {
      environment: first === 'environments' ? String(environment) : null,
      source: first === 'environments' ? String(path.at(-1)) : document.path,
    }
    for (const each of [config.webhook.path ?? '/segment'].flat()) {
      const before = taken.find((one) => one.path === each && meet(one, own))
      taken.push({ ...own, path: each })
      if (before === undefined && !OWN_PATHS.test(each)) continue
      const range =
        config.webhook.path === undefined
          ? document.rangeOf([...path, 'webhook'], 'key')
          : document.rangeOf(place)
      document.report('WEBHOOK_PATH', range, {
        message: OWN_PATHS.test(each)
          ? `"${each}" is a path the server answers by itself`
          : `"${each}" is the path of source "${before?.source}", too`,
        hint: 'Give each webhook a path of its own, such as `/segment/engage`.',
      })
    }
  }
}

interface TakenPath {
  readonly path: string
  /** Null for a source in a sync, which is one of every environment. */
  readonly environment: string | null
  readonly source: string
}

function meet(one: Omit<TakenPath, 'path'>, other: Omit<TakenPath, 'path'>): boolean {
  return (
    one.environment === null || other.environment === null || one.environment === other.environment
  )
}

/** A schedule can be kept, and is of a source that does not go on by itself. */
export const checkSchedules: Rule = (context) => {
  for (const { document, config, path } of writtenSources(context)) {
    if (!('schedule' in config) || config.schedule === undefined) continue
    const place = [...path, 'schedule']
    if (document.isDamaged(place)) continue
    const read = readCron(config.schedule)
    if (typeof read === 'string') {
      document.report('SCHEDULE_VALUE', document.rangeOf(place), {
        message: `"schedule" cannot be kept: ${read}`,
        hint: 'E.g. `schedule: "*/30 * * * *"`, every half hour, or `"0 6 * * mon-fri"`; times are UTC.',
      })
    } else if (
      'events' in config &&
      ![config.events].flat().some((each) => each.startsWith('s3:'))
    ) {
      document.report('OPTION_UNUSED', document.rangeOf(place, 'key'), {
        message: '"schedule" has no effect: files and standard input are followed as they come',
        hint: 'Remove it.',
      })
    }
  }
}
