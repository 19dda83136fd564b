import { Type } from 'typebox'
import { BRAZE_INSTANCES } from '@engage-sync/contract'
import type { BrazeInstance } from '@engage-sync/contract'
import { duration, oneOf, table, text } from './terms.ts'

const Cohorts = table(
  {
    partner: text({ description: 'Partner name Braze gave your team.', examples: ['acme'] }),
    partner_api_key: text({
      description: 'Partner API key, by reference.',
      examples: ['${BRAZE_PARTNER_API_KEY}'],
    }),
    data_import_key: text({
      description: 'Data Import Key of the workspace, by reference.',
      examples: ['${BRAZE_DATA_IMPORT_KEY}'],
    }),
  },
  {
    description:
      'For teams with a Braze partner key of their own. Without it, cohorts need `attribute` beside them.',
  },
)

/** Where Braze is, with which keys, and how it is sent to. */
export const Braze = table(
  {
    endpoint: Type.Optional(
      text({
        description: '`simulator`, or the REST URL. Plain http is accepted for this machine only.',
        examples: ['simulator', 'https://rest.iad-03.braze.com', 'http://127.0.0.1:8787'],
      }),
    ),
    instance: Type.Optional(
      oneOf(Object.keys(BRAZE_INSTANCES) as BrazeInstance[], {
        description:
          'Braze instance, instead of `endpoint`; for one that is not in this list write its REST URL as `endpoint`.',
        examples: ['US-03'],
      }),
    ),
    api_key: Type.Optional(
      text({
        description: 'REST API key, by reference. The simulator needs none.',
        examples: ['${BRAZE_API_KEY}'],
      }),
    ),
    batch: Type.Optional(
      oneOf(['combined', 'per_array', 'bulk'], {
        description:
          'How requests are filled: 75 objects in all, 75 of each kind, or the bulk endpoint. Your contract says which.',
        default: 'combined',
      }),
    ),
    requests_per_second: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1000,
        description:
          'Requests a second, evenly; set it where other programs share the limit. Default: what Braze takes, 3,000 in any 3 seconds (`bulk`: 50 a second), and no more than its headers allow.',
        examples: [250],
      }),
    ),
    settle: Type.Optional(
      duration({
        description:
          'Least time between two requests that depend on each other for one user. Braze usually applies one in 10 to 100 ms, and recommends to wait 5 minutes where it must be sure.',
        default: '5s',
        examples: ['5s', '500ms'],
      }),
    ),
    verify_after: Type.Optional(
      duration({
        description:
          'With `on_unknown: verify`: how long after a request Braze not having its events means that it never got them.',
        default: '60s',
        examples: ['60s', '2m'],
      }),
    ),
    company_time_zone: Type.Optional(
      text({
        description: 'Time zone of the Braze company (IANA name), for filters by date.',
        default: 'UTC',
        examples: ['Europe/Berlin'],
      }),
    ),
    cohorts: Type.Optional(Cohorts),
  },
  { description: 'The Braze workspace.' },
)
