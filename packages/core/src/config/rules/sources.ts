import { hintFor } from '../suggest.ts'
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
