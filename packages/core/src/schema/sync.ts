import { Type } from 'typebox'
import type { Static } from 'typebox'
import { Filter } from './filter.ts'
import { Audience, MappingDefaults, SegmentOptions, Trait } from './mapping.ts'
import { AnySource, SourceRef } from './source.ts'
import { named, oneOf, table, text, Version } from './terms.ts'

/** How a user of Segment is named in Braze. */
const Identity = table(
  {
    external_id: Type.Optional(
      Type.String({
        pattern: '^(userId|email|externalIds\\..+|traits\\..+)$',
        description:
          'What becomes the Braze external_id: `userId`, `email`, `externalIds.<type>` or `traits.<path>`.',
        default: 'userId',
        examples: ['userId', 'externalIds.crm_id', 'traits.customer.id'],
      }),
    ),
    alias: Type.Optional(
      table(
        {
          from: oneOf(['anonymousId', 'userId', 'email'], {
            description: 'Which identifier becomes the alias name.',
            examples: ['anonymousId'],
          }),
          label: text({
            description: 'Label of the Braze user alias.',
            examples: ['segment_anonymous_id'],
          }),
          promote: Type.Optional(
            oneOf(['identify', 'merge', 'never'], {
              description:
                'What happens when an aliased user gets an external_id: identify, merge, or nothing.',
              default: 'identify',
            }),
          ),
        },
        {
          description:
            'The Braze user alias for users without an external_id. Without it, they are skipped and counted.',
        },
      ),
    ),
    lower_case: Type.Optional(
      Type.Boolean({
        description:
          'Whether an external_id, and an alias that is an email, is taken in lower case. Braze tells capitals apart: without it, one address written in two ways is two profiles.',
        default: false,
      }),
    ),
    refuse: Type.Optional(
      Type.Array(text({ description: 'An identifier that names nobody.' }), {
        description:
          'Identifiers that name nobody, exactly as they come: records that have no other are skipped and counted.',
        default: [],
        examples: [['null', 'undefined', '-1', 'anonymous']],
      }),
    ),
    create_users: Type.Optional(
      Type.Boolean({
        description: 'Whether users that Braze does not know are created.',
        default: true,
      }),
    ),
  },
  { description: 'How a user of Segment is named in Braze.' },
)

const Moved = table(
  {
    from: text({
      description: 'The former place, as `<section>.<key>`.',
      examples: ['traits.lifetime_value'],
    }),
    to: text({ description: 'The present place, as `<section>.<key>`.', examples: ['traits.ltv'] }),
  },
  { description: 'A mapping that was renamed: its state moves along, and nothing is sent again.' },
)

const Retired = table(
  {
    attribute: text({ description: 'Attribute to give up.', examples: ['old_score'] }),
    by: oneOf(['unset'], {
      description: 'How: `unset` removes it from every user this sync gave it to.',
      examples: ['unset'],
    }),
  },
  { description: 'An attribute no mapping writes any more, to be removed from its users.' },
)

/** What to do when Segment deletes a user. */
export const Privacy = table(
  {
    on_delete: oneOf(['report', 'forget', 'delete'], {
      description:
        'When Segment deletes a user: `report` counts it, `forget` erases what we hold, `delete` also deletes the user in Braze.',
      default: 'report',
    }),
  },
  { description: 'What to do when Segment deletes a user.' },
)

/** A sync file. */
export const Sync = Type.Object(
  {
    version: Version,
    enabled: Type.Optional(
      Type.Boolean({ description: 'false: validated, but not run.', default: true }),
    ),
    description: Type.Optional(
      text({
        description: 'What the sync is for.',
        examples: ['Dormant shoppers, and what they looked at last.'],
      }),
    ),
    owner: Type.Optional(
      text({ description: 'Who looks after it.', examples: ['lifecycle-team'] }),
    ),
    tags: Type.Optional(
      Type.Array(text({ description: 'A tag.' }), {
        description: 'For `--select tag:NAME`.',
        default: [],
        examples: [['lifecycle']],
      }),
    ),
    source: Type.Union(
      [
        text({ description: 'Name of a source of the environment.', examples: ['engage'] }),
        SourceRef,
      ],
      {
        description: 'A source of the environment by name, or a source in place.',
      },
    ),
    backfill: Type.Optional(
      Type.Boolean({
        description:
          'Whether values older than a mapping are sent, once and by their last state. A mapping may say otherwise.',
        default: true,
      }),
    ),
    identity: Type.Optional(Identity),
    defaults: Type.Optional(MappingDefaults),
    traits: Type.Optional(
      named(Trait, {
        description: 'Computed, SQL and predictive traits: key → attribute name or options.',
      }),
    ),
    enrichment: Type.Optional(
      named(Trait, {
        description:
          'Traits that travel beside a computation (trait enrichment): same forms as `traits`.',
      }),
    ),
    audiences: Type.Optional(
      named(Audience, {
        description:
          'Audiences and journey steps by computation key: key → attribute name or options.',
      }),
    ),
    segments: Type.Optional(
      named(SegmentOptions, { description: 'Segments over what this sync has seen.' }),
    ),
    moved: Type.Optional(
      Type.Array(Moved, {
        description: 'Mappings that were renamed.',
        examples: [[{ from: 'traits.lifetime_value', to: 'traits.ltv' }]],
      }),
    ),
    retire: Type.Optional(
      Type.Array(Retired, {
        description: 'Attributes given up.',
        examples: [[{ attribute: 'old_score', by: 'unset' }]],
      }),
    ),
    privacy: Type.Optional(Privacy),
  },
  {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'engage-sync sync',
    description: 'One sync: which Engage computations go where in Braze.',
    additionalProperties: false,
    $defs: { filter: Filter, source: AnySource },
  },
)

/** A sync file as written. */
export type SyncConfig = Static<typeof Sync>
/** The `identity` section as written. */
export type IdentityConfig = Static<typeof Identity>
