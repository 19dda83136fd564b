import type { ConfigPath } from '../../model/source-range.ts'
import { hintFor } from '../../names/suggest.ts'
import type { SourceConfig } from '../../schema/source.ts'
import type { ConfigDocument } from '../document/document.ts'
import type { Rule } from './rule.ts'

/** A source by name is one of the environment's. */
export const checkSources: Rule = ({ project, environment, syncs }) => {
  if (project === null || environment === null) return
  if (project.document.isDamaged(['environments', environment.name, 'sources'])) return
  const known = [...environment.sources.keys()]
  for (const { document, config, sync } of syncs) {
    if (typeof config.source !== 'string' || !sync.enabled || environment.sources.has(config.source)) continue
    const hint =
      hintFor(config.source, known) ?? `Add it under \`environments.${environment.name}.sources\`, or choose another environment.`
    document.report('SOURCE_UNKNOWN', sync.source.range, {
      message: `environment "${environment.name}" has no source "${config.source}"`,
      hint,
    })
  }
}

/** `s3:` says how to reach a bucket; without an `s3://` address there is none. */
export const checkBuckets: Rule = ({ project, syncs }) => {
  for (const [name, { sources }] of Object.entries(project?.config.environments ?? {})) {
    for (const [source, config] of Object.entries(sources ?? {}))
      checkBucket(project!.document, config, ['environments', name, 'sources', source])
  }
  for (const { document, config } of syncs) if (typeof config.source !== 'string') checkBucket(document, config.source, ['source'])
}

function checkBucket(document: ConfigDocument, config: SourceConfig, path: ConfigPath): void {
  if (!('events' in config) || config.s3 === undefined || document.isDamaged([...path, 'events'])) return
  if ([config.events].flat().some((place) => place.startsWith('s3://'))) return
  document.report('OPTION_UNUSED', document.rangeOf([...path, 's3'], 'key'), {
    message: '"s3" has no effect: no address begins with `s3://`',
    hint: 'Remove it, or write the address as `s3://bucket/prefix/**`.',
  })
}
