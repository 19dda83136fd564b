export { PUBLIC_API_URLS, createPublicApi, type PublicApiOptions } from './public-api/client.ts'
export {
  compareWithSpace,
  describeComputation,
  type CompareOptions,
  type NamedKey,
  type SpaceContents,
  type SpaceFinding,
} from './public-api/compare.ts'
export type { Audience, Computation, ComputedTrait, DestinationFilter, PublicApi, Space, Subscription } from './public-api/model.ts'
export { compareSizes, type SizeComparison } from './public-api/sizes.ts'
export { starterYaml, type StarterInput } from './public-api/starter.ts'
