import { Type } from 'typebox'
import type { Static } from 'typebox'
import { duration, oneOf, percentage, table, text } from './terms.ts'

/** What an alert can tell of. */
const NOTIFY_EVENTS = ['failed', 'stopped', 'recovered', 'frozen', 'silence'] as const

/** Somebody who is told when a run does not go well. */
export const Notify = table(
  {
    slack: Type.Optional(
      text({
        description: 'Incoming webhook of Slack, by reference: who knows it can write there.',
        examples: ['${SLACK_URL}'],
      }),
    ),
    webhook: Type.Optional(
      text({
        description: 'Address that is posted JSON. Plain http is accepted for this machine only.',
        examples: ['https://alerts.acme.com/engage-sync', '${ALERT_URL}'],
      }),
    ),
    secret: Type.Optional(
      text({
        description: 'Signs what `webhook` is posted, by reference. Default: it is not signed.',
        examples: ['${ALERT_SECRET}'],
      }),
    ),
    on: Type.Optional(
      Type.Array(oneOf(NOTIFY_EVENTS, { description: 'What is told.' }), {
        description:
          'What is told: `failed`, a run ended by an error; `stopped`, by a guard; `recovered`, the first that is well again; `frozen`, a server stopped sending a mapping; `silence`, nothing comes to a server for far longer than usual. Default: all five.',
        examples: [['failed', 'stopped', 'recovered']],
      }),
    ),
    rejected: Type.Optional(
      percentage({
        description: 'Tells of a run that rejected more than this share of the values it read.',
        examples: ['1%'],
      }),
    ),
    dead_letters: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Tells of a run that kept more dead letters than this.',
        examples: [100],
      }),
    ),
    duration: Type.Optional(
      duration({ description: 'Tells of a run that took longer.', examples: ['1h'] }),
    ),
    silence: Type.Optional(
      duration({
        description:
          'Tells when no run ended well for this long; noticed by the next run, and by `engage-sync notify check`. Of a server: when nothing came for this long, in the stead of what is usual.',
        examples: ['2h'],
      }),
    ),
    again: Type.Optional(
      duration({
        description: 'How long the same trouble is not told again while it lasts.',
        default: '1h',
        examples: ['30m'],
      }),
    ),
  },
  { description: 'Who is told when a run does not go well, and when it does again.' },
)

/** Who is told, as written. */
export type NotifyConfig = Static<typeof Notify>
