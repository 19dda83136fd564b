import { describeComputation } from './compare.ts'
import type { Audience, Computation, ComputedTrait, Subscription } from './model.ts'

/** What a starter is made from. */
export interface StarterInput {
  readonly audiences: readonly Audience[]
  readonly computedTraits: readonly ComputedTrait[]
  /**
   * Mappings of the Braze destinations in Segment; they tell whether values travel as events and to
   * cohorts.
   */
  readonly subscriptions?: readonly Subscription[]
  /** Name of the source in the project file. Default `engage`. */
  readonly source?: string
}

/** Attribute names Braze keeps for identifiers and options. */
const REFUSED: ReadonlySet<string> = new Set([
  'external_id',
  'braze_id',
  'user_alias',
  'alias_name',
  'alias_label',
  'push_token_import',
])
/** Texts YAML reads as text without quotes. */
const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/u
/** Texts YAML would read as something else. */
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n|\.nan|\.inf)$/iu

interface Habits {
  readonly audienceEvents: boolean
  readonly traitEvents: boolean
  readonly cohorts: boolean
}

/**
 * Write a sync that does what the space and its Braze destinations do today.
 *
 * Shape: YAML text of one sync file; computations sorted by key, disabled ones commented out, each
 * with how Segment computes it.
 */
export function starterYaml(input: StarterInput): string {
  const habits = readHabits(input.subscriptions ?? [])
  const lines = [
    'version: 1',
    'description: What Engage computes in this space.',
    `source: ${scalar(input.source ?? 'engage')}`,
    'identity:',
    '  external_id: userId',
    ...section('traits', input.computedTraits, (trait) => traitLines(trait, habits)),
    ...section('audiences', input.audiences, (audience) => audienceLines(audience, habits)),
  ]
  return `${lines.join('\n')}\n`
}

/** What the enabled mappings of Segment's own destinations do. */
function readHabits(subscriptions: readonly Subscription[]): Habits {
  const enabled = subscriptions.filter(({ enabled: isEnabled }) => isEnabled)
  const tracks = enabled
    .filter(({ actionSlug }) => actionSlug === 'trackEvent')
    .map(({ trigger }) => trigger)
  const takes = (event: string): boolean =>
    tracks.some((trigger) => trigger.includes(event) || !/\bevent\b/u.test(trigger))
  return {
    audienceEvents: takes('Audience Entered') || takes('Audience Exited'),
    traitEvents: takes('Trait Computed'),
    cohorts: enabled.some(({ actionSlug }) => actionSlug === 'syncAudiences'),
  }
}

function section<T extends Computation>(
  name: string,
  computations: readonly T[],
  linesOf: (computation: T) => readonly string[],
): readonly string[] {
  const sorted = computations.toSorted((left, right) => (left.key < right.key ? -1 : 1))
  const lines = sorted.flatMap((computation) => {
    const about = `  # ${oneLine(computation.name)}: ${describeComputation(computation)}${computation.enabled ? '' : '; disabled in Segment'}`
    const body = linesOf(computation).map((line) =>
      computation.enabled ? `  ${line}` : `  # ${line}`,
    )
    return [about, ...body]
  })
  if (sorted.length === 0) return []
  // A section of comments alone would be null, which is no mapping.
  return [sorted.some(({ enabled }) => enabled) ? `${name}:` : `${name}: {}`, ...lines]
}

function traitLines({ key }: ComputedTrait, { traitEvents }: Habits): readonly string[] {
  const attribute = scalar(attributeOf(key))
  if (!traitEvents) return [`${scalar(key)}: ${attribute}`]
  return [`${scalar(key)}:`, `  attribute: ${attribute}`, '  event: Trait Computed']
}

function audienceLines(
  { key, name }: Audience,
  { audienceEvents, cohorts }: Habits,
): readonly string[] {
  const attribute = scalar(attributeOf(key))
  if (!audienceEvents && !cohorts) return [`${scalar(key)}: ${attribute}`]
  const lines = [`${scalar(key)}:`, `  attribute: ${attribute}`]
  if (audienceEvents) lines.push('  event: { entered: Audience Entered, exited: Audience Exited }')
  if (cohorts) lines.push(`  cohort: ${scalar(oneLine(name))}`)
  return lines
}

function attributeOf(key: string): string {
  return REFUSED.has(key) ? `segment_${key}` : key
}

function scalar(text: string): string {
  return PLAIN.test(text) && !WORDS.test(text) ? text : JSON.stringify(text)
}

/** Names are free text; a comment or title is one line. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}
