import { closest } from '@engage-sync/contract'
import type { Audience, Computation, ComputedTrait } from './model.ts'

/** A key some mapping or filter names. */
export interface NamedKey {
  readonly kind: 'trait' | 'audience'
  readonly key: string
}

/** What a space holds. */
export interface SpaceContents {
  readonly audiences: readonly Audience[]
  readonly computedTraits: readonly ComputedTrait[]
}

/** What comparing the configuration with the space found. */
export interface SpaceFinding extends NamedKey {
  readonly severity: 'error' | 'warning' | 'info'
  readonly code:
    | 'SPACE_UNKNOWN_KEY'
    | 'SPACE_OTHER_KIND'
    | 'SPACE_UNLISTED'
    | 'SPACE_DISABLED'
    | 'SPACE_FAILED'
    | 'SPACE_COMPUTED'
  readonly message: string
  readonly hint?: string
}

/** How `compareWithSpace` treats what Segment's lists may leave out. */
export interface CompareOptions {
  /**
   * A trait that is in neither list and near no name of them. SQL and predictive traits are traits
   * too, but whether the API lists them is not documented. Default `error`.
   */
  readonly unlistedTrait?: 'error' | 'warning'
}

const FAILED: ReadonlySet<string> = new Set(['failed', 'error'])
/** Steps of Journeys are audiences the API does not list. */
const JOURNEY_STEP = /^j_o_/u

/**
 * Compare the keys of a configuration with what a space computes.
 *
 * Shape: one finding or more per key, in the order of the keys. Errors: unknown, or of the other
 * kind. Warnings: disabled, failed. Info: how Segment computes it.
 */
export function compareWithSpace(
  wanted: readonly NamedKey[],
  space: SpaceContents,
  options: CompareOptions = {},
): readonly SpaceFinding[] {
  const audiences = new Map<string, Computation>(
    space.audiences.map((audience) => [audience.key, audience]),
  )
  const traits = new Map<string, Computation>(
    space.computedTraits.map((trait) => [trait.key, trait]),
  )
  return wanted.flatMap((named) => {
    const isAudience = named.kind === 'audience'
    const [own, other] = isAudience ? [audiences, traits] : [traits, audiences]
    const computation = own.get(named.key)
    if (computation !== undefined) return describe(named, computation)
    return [missing(named, { own, other }, options)]
  })
}

function missing(
  named: NamedKey,
  {
    own,
    other,
  }: { readonly own: ReadonlyMap<string, unknown>; readonly other: ReadonlyMap<string, unknown> },
  options: CompareOptions,
): SpaceFinding {
  const { kind, key } = named
  const word = kind === 'audience' ? 'audience' : 'computed trait'
  if (other.has(key)) {
    const [there, section] =
      kind === 'audience' ? ['a computed trait', 'traits'] : ['an audience', 'audiences']
    return {
      ...named,
      severity: 'error',
      code: 'SPACE_OTHER_KIND',
      message: `"${key}" is ${there} in the space`,
      hint: `Move it to \`${section}:\`.`,
    }
  }
  const near = closest(key, own.keys()) ?? closest(key, other.keys())
  if (near === null && kind === 'audience' && JOURNEY_STEP.test(key)) {
    return {
      ...named,
      severity: 'info',
      code: 'SPACE_UNLISTED',
      message: `"${key}" looks like a step of a journey, which the Public API does not list`,
    }
  }
  const isSure = near !== null || kind === 'audience' || options.unlistedTrait !== 'warning'
  const hint = near === null ? `Known: ${listed(own.keys())}.` : `Did you mean "${near}"?`
  return {
    ...named,
    severity: isSure ? 'error' : 'warning',
    code: 'SPACE_UNKNOWN_KEY',
    message: `The space has no ${word} "${key}"`,
    hint,
  }
}

function listed(keys: Iterable<string>): string {
  const all = [...keys].toSorted()
  if (all.length === 0) return 'none'
  return all.length > 10
    ? `${all.slice(0, 10).join(', ')} and ${all.length - 10} more`
    : all.join(', ')
}

function describe(named: NamedKey, computation: Computation): readonly SpaceFinding[] {
  const findings: SpaceFinding[] = []
  if (!computation.enabled) {
    const message = `"${named.key}" is disabled in Segment: no changes will come`
    findings.push({
      ...named,
      severity: 'warning',
      code: 'SPACE_DISABLED',
      message,
      hint: 'Enable it in Segment, or remove its mapping.',
    })
  } else if (FAILED.has((computation.status ?? '').toLowerCase())) {
    findings.push({
      ...named,
      severity: 'warning',
      code: 'SPACE_FAILED',
      message: `Segment failed to compute "${named.key}"`,
      hint: 'Look at it in Segment.',
    })
  }
  return [
    ...findings,
    {
      ...named,
      severity: 'info',
      code: 'SPACE_COMPUTED',
      message: `"${named.key}": ${describeComputation(computation)}`,
    },
  ]
}

/** How Segment computes something, in a few words; what Segment does not say is left out. */
export function describeComputation({
  cadence,
  includesHistory,
  lookBackDays,
}: Computation): string {
  const parts = []
  if (cadence === 'realtime') parts.push('in real time')
  if (cadence === 'batch') parts.push('in batches')
  if (includesHistory === true)
    parts.push(
      lookBackDays === null
        ? 'with historical data'
        : `with ${lookBackDays} days of historical data`,
    )
  if (includesHistory === false) parts.push('without historical data')
  return parts.length === 0 ? 'Segment does not say how it is computed' : parts.join(', ')
}
