/**
 * Segment's Public API, read only: what a space computes, compared with a configuration, and a
 * first sync written from it.
 */
export { createPublicApi, PUBLIC_API_URLS } from './client.ts'
export type { PublicApiOptions } from './client.ts'
export { compareWithSpace, describeComputation } from './compare.ts'
export type { CompareOptions, NamedKey, SpaceContents, SpaceFinding } from './compare.ts'
export type {
  Audience,
  Computation,
  ComputedTrait,
  DestinationFilter,
  PublicApi,
  Space,
  Subscription,
} from './model.ts'
export { compareSizes } from './sizes.ts'
export type { SizeComparison } from './sizes.ts'
export { starterYaml } from './starter.ts'
export type { StarterInput } from './starter.ts'
