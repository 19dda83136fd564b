import type { ValueType } from '../values/value-type.ts'
import * as values from './standard-values.ts'
import type { Normalise } from './standard-values.ts'

/** An attribute that Braze knows by name. */
export interface StandardAttribute {
  readonly name: string
  /** What filters and configuration take its value for. */
  readonly type: ValueType
  readonly normalise: Normalise
  /** Whether text of this type is sent as it came. */
  readonly isPlain: boolean
  /** Billed for each write. */
  readonly dataPoints: 0 | 1
  /** What it takes, for docs and hints. */
  readonly takes: string
}

const standard = (
  name: string,
  [type, normalise]: readonly [ValueType, Normalise],
  about: { takes: string; isPlain?: boolean; dataPoints?: 0 | 1 },
): StandardAttribute => ({
  name,
  type,
  normalise,
  takes: about.takes,
  isPlain: about.isPlain ?? false,
  dataPoints: about.dataPoints ?? 1,
})

const TEXT = { takes: 'text of at most 255 characters', isPlain: true }
const STATE = { takes: '`opted_in`, `subscribed` or `unsubscribed`', dataPoints: 0 } as const
const INSTANT = { takes: 'ISO 8601 text, or seconds since the epoch' }
const FLAG = { takes: 'true or false', isPlain: true }

/**
 * Every standard attribute that can be written, by name.
 *
 * @see https://www.braze.com/docs/api/objects_filters/user_attributes_object/ (names, forms)
 * @see https://www.braze.com/docs/user_guide/data/infrastructure/data_points/ (which are billed)
 */
export const STANDARD_ATTRIBUTES: ReadonlyMap<string, StandardAttribute> = new Map(
  [
    standard('email', ['string', values.email], { takes: 'an e-mail address; sent in lower case' }),
    standard('phone', ['string', values.phone], {
      takes: 'a phone number; sent as E.164 where it has a country code',
    }),
    standard('first_name', ['string', values.plainText], TEXT),
    standard('last_name', ['string', values.plainText], TEXT),
    standard('home_city', ['string', values.plainText], TEXT),
    standard('dob', ['string', values.dateOfBirth], { takes: 'a date; sent as YYYY-MM-DD' }),
    standard('gender', ['string', values.gender], {
      takes: 'M, F, O, N, P, or a word for one of them',
    }),
    standard('country', ['string', values.country], {
      takes: 'ISO 3166-1 code or English name; sent as alpha-2',
    }),
    standard('language', ['string', values.language], {
      takes: 'ISO 639-1 code, locale or English name; sent as two letters',
    }),
    standard('time_zone', ['string', values.timeZone], { takes: 'an IANA time zone' }),
    standard('image_url', ['string', values.imageUrl], {
      takes: 'an http or https URL of at most 1,024 characters',
    }),
    standard('current_location', ['object', values.location], {
      takes: 'an object of longitude and latitude in degrees',
    }),
    standard('email_subscribe', ['string', values.subscriptionState], STATE),
    standard('push_subscribe', ['string', values.subscriptionState], STATE),
    standard('subscription_groups', ['array', values.subscriptionGroups], {
      takes: 'a list of subscription groups with states',
      dataPoints: 0,
    }),
    standard('email_open_tracking_disabled', ['boolean', values.flag], FLAG),
    standard('email_click_tracking_disabled', ['boolean', values.flag], FLAG),
    standard('marked_email_as_spam_at', ['time', values.dateTime], INSTANT),
    standard('date_of_first_session', ['time', values.dateTime], INSTANT),
    standard('date_of_last_session', ['time', values.dateTime], INSTANT),
    standard('push_tokens', ['array', values.pushTokens], {
      takes: 'a list of push tokens with their app',
    }),
    standard('facebook', ['object', values.plainObject], {
      takes: 'an object of id, likes and num_friends',
    }),
    standard('twitter', ['object', values.plainObject], {
      takes: 'an object of id, screen_name and counts',
    }),
  ].map((attribute) => [attribute.name, attribute]),
)
