import { Type } from 'typebox'
import type { Static } from 'typebox'
import { AnyJson, named, oneOf, table, text, Version } from './terms.ts'

const instant = (description: string) =>
  Type.String({ minLength: 10, description, examples: ['2026-01-05T10:00:00Z'] })
const values = (description: string) => named(AnyJson, { description })
const memberships = (description: string) =>
  named(Type.Union([Type.Boolean(), Type.Null()]), { description })

/** What is known of a user, and was delivered, before the case starts. */
export const Profile = table(
  {
    traits: Type.Optional(values('Trait values delivered before.')),
    enrichment: Type.Optional(values('Enrichment values delivered before.')),
    audiences: Type.Optional(memberships('Audience memberships delivered before.')),
    segments: Type.Optional(
      named(Type.Boolean(), { description: 'Segment memberships delivered before.' }),
    ),
    events: Type.Optional(
      named(
        Type.Union(
          [
            Type.Integer({ minimum: 0, description: 'Delivered so often, just before the case.' }),
            Type.Array(instant('When it was delivered.')),
          ],
          {
            description: 'How often, or when, an event was delivered before.',
          },
        ),
        { description: 'Events delivered before, by name.' },
      ),
    ),
  },
  { description: 'What is known of a user before the case starts.' },
)

const identifiers = {
  user: Type.Optional(
    text({ description: 'userId. Default: the user of the case.', examples: ['u1'] }),
  ),
  anonymous_id: Type.Optional(
    text({
      description: 'anonymousId. Without `user`, the event is anonymous.',
      examples: ['anon-1'],
    }),
  ),
  email: Type.Optional(
    text({ description: 'E-mail address, in its place.', examples: ['ada@example.com'] }),
  ),
  external_ids: Type.Optional(named(Type.String(), { description: 'External ids by type.' })),
}

/** One Engage event in short notation. */
export const ShortEvent = table(
  {
    ...identifiers,
    trait: Type.Optional(
      values('A computed trait and its value; several are the columns of a SQL trait.'),
    ),
    audience: Type.Optional(memberships('An audience and whether the user is in it.')),
    enrichment: Type.Optional(values('Traits that travel beside the computation.')),
    at: Type.Optional(
      instant(
        'Event time. Default: one second after the event before it, the last one second before `now`.',
      ),
    ),
    as: Type.Optional(
      oneOf(['identify', 'track'], {
        description: 'Which call Engage sends.',
        default: 'identify',
      }),
    ),
    message_id: Type.Optional(
      text({ description: 'messageId. Default: one of its own.', examples: ['personas_1'] }),
    ),
  },
  { description: 'One Engage event in short notation.' },
)

/** One Engage event as JSON. */
export const RawEvent = table(
  {
    raw: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      description: 'The event as Segment sends it.',
    }),
  },
  { description: 'One Engage event as JSON.' },
)

const ExpectedEvent = Type.Union(
  [
    text({ description: 'Name of the event.', examples: ['Trait Computed'] }),
    table(
      {
        name: text({ description: 'Name of the event.', examples: ['Trait Computed'] }),
        time: Type.Optional(instant('The time of the event.')),
        properties: Type.Optional(values('All its properties.')),
      },
      { description: 'A custom event.' },
    ),
  ],
  { description: 'A custom event: its name, or name, time and properties.' },
)
const ExpectedEvents = Type.Array(ExpectedEvent, { description: 'Custom events in order.' })
const Members = Type.Array(Type.String(), {
  description: 'Users by name.',
  examples: [['ada', 'ben']],
})

/** What a case expects; a section that is left out is not looked at. */
export const Expectation = table(
  {
    attributes: Type.Optional(
      values(
        'Attributes sent, by name; by user first when the case has several. null: unset. `{}`: nothing.',
      ),
    ),
    events: Type.Optional(
      Type.Union([ExpectedEvents, named(ExpectedEvents, { description: 'By user.' })], {
        description: 'Custom events sent; by user when the case has several. `[]`: none.',
      }),
    ),
    cohorts: Type.Optional(
      named(
        Type.Union([
          oneOf(['add', 'remove'], { description: 'What happens to the one user of the case.' }),
          table(
            { add: Type.Optional(Members), remove: Type.Optional(Members) },
            { description: 'Users added and removed.' },
          ),
        ]),
        { description: 'Cohort changes by cohort name. `{}`: none.' },
      ),
    ),
    segments: Type.Optional(
      named(
        Type.Union([
          Type.Boolean({ description: 'Whether the one user of the case is in it.' }),
          Members,
        ]),
        {
          description: 'Who is in a segment after the case, by segment key.',
        },
      ),
    ),
    subscription_groups: Type.Optional(
      named(
        Type.Union([
          oneOf(['subscribed', 'unsubscribed'], {
            description: 'State of the one user of the case.',
          }),
          named(oneOf(['subscribed', 'unsubscribed'], { description: 'State.' }), {
            description: 'By user.',
          }),
        ]),
        {
          description: 'Subscription group states sent, by group id.',
        },
      ),
    ),
    rejected: Type.Optional(
      Type.Array(
        Type.Union([
          text({ description: 'Code of the rejection.', examples: ['CAST_NUMBER'] }),
          table(
            {
              code: text({ description: 'Code of the rejection.', examples: ['CAST_NUMBER'] }),
              user: Type.Optional(
                Type.String({ description: 'The user whose value it was.', examples: ['ada'] }),
              ),
              key: Type.Optional(
                Type.String({
                  description: 'The trait or audience.',
                  examples: ['lifetime_value'],
                }),
              ),
            },
            { description: 'A rejection.' },
          ),
        ]),
        {
          description: 'Rejected records and values, by code. `[]`: none.',
          examples: [[{ code: 'CAST_NUMBER', key: 'lifetime_value' }]],
        },
      ),
    ),
  },
  { description: 'What must come out. A section that is left out is not looked at.' },
)

/** One case: events in, Braze objects and memberships out. */
export const Case = table(
  {
    name: text({
      description: 'What the case shows, in the present tense.',
      examples: ['a sweater fan enters the cohort'],
    }),
    now: Type.Optional(instant('The time of the run.')),
    user: Type.Optional(text({ description: 'The user of events that name none.', default: 'u1' })),
    profile: Type.Optional(Profile),
    profiles: Type.Optional(
      named(Profile, { description: 'What is known of several users, by user.' }),
    ),
    events: Type.Optional(
      Type.Array(
        Type.Union([ShortEvent, RawEvent], {
          description: 'One Engage event, in short notation or raw.',
        }),
        {
          description:
            'Engage events, in the order they arrive. Default: none, only time has passed.',
          default: [],
        },
      ),
    ),
    expect: Expectation,
  },
  { description: 'One case: events in, Braze objects and memberships out.' },
)

/** A cases file. */
export const Cases = Type.Object(
  {
    version: Version,
    now: Type.Optional(
      instant('The time of the run for cases that name none. Default: 2026-01-15T00:00:00Z.'),
    ),
    cases: Type.Array(Case, {
      description: 'The cases.',
      minItems: 1,
      examples: [
        [{ name: 'a number', events: [{ trait: { ltv: 5 } }], expect: { attributes: { ltv: 5 } } }],
      ],
    }),
  },
  {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'engage-sync cases',
    description: 'Cases of the sync of the same name: `shoppers.cases.yaml` tests `shoppers.yaml`.',
    additionalProperties: false,
  },
)

/** A cases file as written. */
export type CasesConfig = Static<typeof Cases>
/** One case as written. */
export type CaseConfig = Static<typeof Case>
/** What is known of a user, as written. */
export type ProfileConfig = Static<typeof Profile>
/** One Engage event as written: short notation or raw. */
export type CaseEventConfig = Static<typeof ShortEvent> | Static<typeof RawEvent>
/** What a case expects, as written. */
export type ExpectationConfig = Static<typeof Expectation>
