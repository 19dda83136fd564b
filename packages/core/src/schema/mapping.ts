import { Type } from 'typebox'
import type { Static } from 'typebox'
import { ValueTypeSchema } from './filter.ts'
import type { FilterConfig } from './filter.ts'
import { definition, named, oneOf, table, text } from './terms.ts'

const attributeName = {
  description:
    'Name of the Braze attribute. A dot is a path into an object (`\\.` is a literal dot). Names of standard attributes are known.',
  examples: ['ltv', 'first_name', 'preferences.size'],
}

/** Where a value goes: a name, or a name with how to use it. */
const ElementAttribute = table(
  {
    name: text(attributeName),
    element: Type.Optional(
      text({
        description: 'Membership is this text in an array attribute that several audiences share.',
        examples: ['vip'],
      }),
    ),
  },
  { description: 'A Braze attribute in its long form.' },
)

const NamedAttribute = table(
  { name: text(attributeName) },
  { description: 'A Braze attribute in its long form.' },
)
const TraitAttribute = Type.Union([text(attributeName), NamedAttribute], {
  description: 'The Braze attribute that holds the value.',
})
const MembershipAttribute = Type.Union([text(attributeName), ElementAttribute], {
  description:
    'The Braze attribute that holds the membership: true, or one element of a shared array.',
  examples: ['vip', { name: 'segments', element: 'vip' }],
})

const Properties = Type.Union(
  [
    Type.Array(text({ description: 'A property to keep.' }), {
      description: 'Only these properties.',
    }),
    named(text({ description: 'Name of the property in Braze.' }), {
      description: 'Only these properties, by new name: what Segment sends → what Braze gets.',
    }),
  ],
  {
    description: 'Which event properties travel. Default: all that Segment sends.',
    examples: [['trait_key'], { lifetime_value: 'ltv' }],
  },
)

const eventName = { description: 'Name of the Braze custom event.', examples: ['Trait Computed'] }
const TraitEvent = Type.Union(
  [
    text(eventName),
    table(
      { name: text(eventName), properties: Type.Optional(Properties) },
      { description: 'A custom event in its long form.' },
    ),
  ],
  { description: 'A custom event for each accepted value.' },
)

const MembershipEvent = table(
  {
    entered: Type.Optional(
      text({ description: 'Event sent when the user enters.', examples: ['Audience Entered'] }),
    ),
    exited: Type.Optional(
      text({ description: 'Event sent when the user leaves.', examples: ['Audience Exited'] }),
    ),
    properties: Type.Optional(Properties),
  },
  {
    description: 'Custom events for entering and leaving; either may be left out.',
    examples: [{ entered: 'Audience Entered', exited: 'Audience Exited' }],
  },
)

const OnNull = oneOf(['unset', 'keep'], {
  description:
    'What a null does to the attribute: `unset` removes it, `keep` leaves the last value.',
  default: 'unset',
})
const OnExit = oneOf([false, 'unset'], {
  description:
    'What an exit does to the attribute: `false` writes false (filters still see it), `unset` removes it.',
  default: false,
})
const ArrayMode = oneOf(['replace', 'update'], {
  description: 'How arrays are sent: whole, or as the elements that came and went.',
  default: 'replace',
})
const Merge = Type.Boolean({
  description: 'Objects: true adds to what Braze holds, false replaces it.',
  default: false,
})
const Backfill = Type.Boolean({
  description: 'Whether values older than this mapping are sent, once and by their last state.',
  default: true,
})
const Send = Type.Boolean({
  description: 'false: known to filters, but never sent to Braze.',
  default: true,
})
const Cohort = text({
  description:
    'Name of the Braze cohort. Its id does not depend on it, so a new name is a rename. Needs a partner key, or `attribute` beside it.',
  examples: ['Dormant shoppers'],
})
const SubscriptionGroup = text({
  description: 'Id of a Braze subscription group: members are subscribed, the others unsubscribed.',
  examples: ['6f2f3a0e-8d3c-4f5e-9a53-0c1ddc7c2f10'],
})
const Note = text({
  description: 'A note for people.',
  examples: ['Asked for by the loyalty team.'],
})

/** What a trait becomes, in its long form. */
export const TraitOptions = table(
  {
    attribute: Type.Optional(TraitAttribute),
    event: Type.Optional(TraitEvent),
    type: Type.Optional(ValueTypeSchema),
    on_null: Type.Optional(OnNull),
    array: Type.Optional(ArrayMode),
    id: Type.Optional(
      text({
        description:
          'Arrays of objects: the member that identifies an item, so that single items are added, changed and removed.',
        examples: ['sku'],
      }),
    ),
    merge: Type.Optional(Merge),
    backfill: Type.Optional(Backfill),
    send: Type.Optional(Send),
    description: Type.Optional(Note),
  },
  { description: 'What a trait becomes in Braze: an attribute, an event, or both.' },
)

/** What an audience becomes, in its long form. */
export const AudienceOptions = table(
  {
    attribute: Type.Optional(MembershipAttribute),
    event: Type.Optional(MembershipEvent),
    cohort: Type.Optional(Cohort),
    subscription_group: Type.Optional(SubscriptionGroup),
    on_exit: Type.Optional(OnExit),
    backfill: Type.Optional(Backfill),
    send: Type.Optional(Send),
    description: Type.Optional(Note),
  },
  {
    description:
      'What an audience becomes in Braze: an attribute, events, a cohort, a subscription group, or several.',
  },
)

/** A segment: a filter over traits, audiences and events, and what membership becomes. */
export const SegmentOptions = table(
  {
    when: definition<FilterConfig>('filter', { description: 'Who is in the segment.' }),
    attribute: Type.Optional(MembershipAttribute),
    event: Type.Optional(MembershipEvent),
    cohort: Type.Optional(Cohort),
    subscription_group: Type.Optional(SubscriptionGroup),
    on_exit: Type.Optional(OnExit),
    backfill: Type.Optional(Backfill),
    description: Type.Optional(Note),
  },
  { description: 'A segment: who is in it, and what membership becomes in Braze.' },
)

/** Defaults for all mappings of one sync. */
export const MappingDefaults = table(
  {
    on_null: Type.Optional(OnNull),
    on_exit: Type.Optional(OnExit),
    array: Type.Optional(ArrayMode),
    merge: Type.Optional(Merge),
  },
  { description: 'Defaults for the mappings of this sync.' },
)

/** A trait mapping, short or long. */
export const Trait = Type.Union(
  [
    text({
      description: 'Short form: the name of the attribute.',
      examples: ['last_product_viewed_item'],
    }),
    TraitOptions,
  ],
  { description: 'What the trait becomes: the name of an attribute, or options.' },
)

/** An audience mapping, short or long. */
export const Audience = Type.Union(
  [
    text({ description: 'Short form: the name of the attribute.', examples: ['dormant_shopper'] }),
    AudienceOptions,
  ],
  { description: 'What the audience becomes: the name of an attribute, or options.' },
)

/** A trait mapping as written. */
export type TraitConfig = Static<typeof Trait>
/** An audience mapping as written. */
export type AudienceConfig = Static<typeof Audience>
/** A segment as written. */
export type SegmentConfig = Static<typeof SegmentOptions>
/** Event properties as written. */
export type PropertiesConfig = Static<typeof Properties>
