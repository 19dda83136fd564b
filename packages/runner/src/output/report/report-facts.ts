import { mappingPlaces } from '../../workspace/configuration/mapping-places.ts'
import type { OpenEnvironment } from '../../workspace/environment/open-environment.ts'
import type { ReportChoice } from './formats.ts'

/** What a report may tell of the configuration. */
export function reportFacts({
  config,
  environment,
}: OpenEnvironment): Pick<ReportChoice, 'places' | 'syncs' | 'maxDataPoints'> {
  return {
    places: mappingPlaces(config.syncs),
    syncs: config.syncs,
    maxDataPoints: environment.guards.maxDataPoints,
  }
}
