import { FILTER_CHECK_CODES } from '../../filter/codes.ts'
import type { Severity } from './diagnostics.ts'

interface CodeInfo {
  readonly severity: Severity
  /** What it means and what to do, for docs/errors.md. */
  readonly meaning: string
}

const error = (meaning: string): CodeInfo => ({ severity: 'error', meaning })
const warning = (meaning: string): CodeInfo => ({ severity: 'warning', meaning })

const YAML_CODES = {
  YAML_SYNTAX: error('The file is not valid YAML.'),
  YAML_TAB: error('A line is indented with a tab; YAML takes spaces only.'),
  YAML_INDENT: error('A line is indented differently from its neighbours.'),
  YAML_EMPTY: error('The file holds nothing but comments.'),
  YAML_TOO_LARGE: error('The file is larger than 1 MB; split the sync.'),
  YAML_TOO_DEEP: error('Values are nested more than 64 levels deep.'),
  YAML_DUPLICATE_KEY: error('A key stands twice in one mapping; only one of them could count.'),
  YAML_SEVERAL_DOCUMENTS: error('A file holds one document; `---` begins a second one.'),
  YAML_MERGE_KEY: error('`<<` is not part of YAML 1.2; use `defaults:` or write the values out.'),
  YAML_ALIAS: error('An alias `*name` has no anchor `&name` before it, or contains itself.'),
  YAML_ALIAS_LIMIT: error('Aliases unfold to more than 10,000 values.'),
  YAML_TAG: error('Tags such as `!env` and `!!binary` mean nothing here.'),
  YAML_DIRECTIVE: error('Directives such as `%YAML 1.1` would change what the file means.'),
  YAML_KEY: error('A key is empty or not a text.'),
  YAML_NUMBER: error(
    'A number that no JSON number can hold exactly, such as an id of 20 digits; quote it.',
  ),
} as const

const SHAPE_CODES = {
  CONFIG_UNKNOWN_KEY: error('A key the schema does not know.'),
  CONFIG_MISSING_KEY: error('A key that must be there is not.'),
  CONFIG_TYPE: error('A value of the wrong kind, e.g. a list where a text belongs.'),
  CONFIG_VALUE: error('A value of the right kind that is not allowed, e.g. out of range.'),
  CONFIG_VERSION_NEWER: error('The file was written for a newer engage-sync.'),
  CONFIG_VERSION_OLDER: error(
    'The file was written for an older engage-sync; `engage-sync migrate` rewrites it.',
  ),
  CONFIG_NO_PROJECT: error('The directory has no `engage-sync.yaml`.'),
  CONFIG_NO_SYNCS: error('The directory has a project file, but no sync beside it.'),
  CONFIG_FILE_NAME: error(
    'A sync is named after its file; letters, digits, `-`, `_` and `.` can be used, and each name once.',
  ),
  CONFIG_UNKNOWN_ENVIRONMENT: error('The project has no environment of that name.'),
} as const

const ENVIRONMENT_CODES = {
  ENVIRONMENT_NAME: error(
    'An environment has a directory of its own; letters, digits, `-`, `_` and `.` can be used in its name.',
  ),
  STATE_URL_INVALID: error('`state.url` is no `postgres://` address.'),
  BRAZE_ENDPOINT_MISSING: error('`braze` says neither `endpoint` nor `instance`.'),
  BRAZE_ENDPOINT_TWICE: error('`braze` says both `endpoint` and `instance`.'),
  BRAZE_ENDPOINT_INVALID: error(
    '`endpoint` is neither `simulator` nor an https URL of a REST host (http for this machine only), but e.g. a dashboard, or a host that only looks like Braze.',
  ),
  BRAZE_KEY_MISSING: error('A Braze workspace needs `api_key`; only the simulator does without.'),
  SECRET_IN_CLEAR: error(
    'A secret is written in the file. Replace it, by `${NAME}` or `${file:PATH}`, and revoke it.',
  ),
  SECRET_REFERENCE_INVALID: error(
    'A reference is neither `${NAME}` nor `${file:PATH}`; defaults are not possible.',
  ),
  SECRET_OUTSIDE_PROJECT: error('References to secrets belong in the project file alone.'),
  TIME_ZONE_UNKNOWN: error('A time zone that is not in the IANA database.'),
  SOURCE_WIDE: warning(
    'A place that holds the events of more than one Segment source, where others may write.',
  ),
  SOURCE_UNKNOWN: error('The environment has no source of that name.'),
  SOURCE_NEEDS_SEGMENT: error(
    'A `profile_api` source needs `segment` with `profile_api_token` in its environment.',
  ),
  SCHEDULE_VALUE: error('`schedule` is no schedule as cron has it.'),
  WEBHOOK_OPEN: error(
    'A webhook has neither `shared_secret` nor `header`, and does not say `unsigned: true`.',
  ),
  WEBHOOK_PATH: error("The path of a webhook is another one's, or one of the server's own."),
  STREAM_IDENTITY: error(
    'A stream is told who asks in more than one way, or half of one: `credentials`, `token`, or `user` with `password`.',
  ),
  LOG_DATABASE: error(
    'What webhooks receive is to be kept in PostgreSQL, and the environment has no `state.url`.',
  ),
  LOG_SHARED: error(
    'Several webhooks would be kept in one log: `{source}` in its name tells them apart, or names that differ in letters or digits.',
  ),
  GUARD_VALUE: error('A guard outside its range.'),
  NOTIFY_TARGET: error('An alert goes to either `slack` or `webhook`, and a webhook is https.'),
} as const

const NAME_CODES = {
  IDENTITY_CAPITALS: warning(
    'Addresses are used as identifiers, and nothing says whether capitals count: Braze tells `Ada@x.org` from `ada@x.org`.',
  ),
  IDENTITY_INVALID: error(
    'An identity that Braze or the path of a trait does not take: an empty part, or a label over 236 bytes.',
  ),
  KEY_INVALID: error('The key of a trait or audience is blank, or a path with an empty part.'),
  ATTRIBUTE_RESERVED: error(
    'Identifiers and request options of Braze cannot be written as attributes.',
  ),
  ATTRIBUTE_NEAR_STANDARD: error(
    'An attribute name that is a standard attribute but for its spelling; Braze would make a custom attribute of it.',
  ),
  ATTRIBUTE_NAME_INVALID: error(
    'An attribute name Braze does not take: too long, a leading `$`, an empty part, or a nested name with a space.',
  ),
  ATTRIBUTE_NAME_SPACES: warning('Braze cuts spaces at the ends of attribute names.'),
  ATTRIBUTE_STANDARD_PATH: error('Standard attributes have no members to write one by one.'),
  ATTRIBUTE_TWICE: error('Two mappings write the same attribute.'),
  ATTRIBUTE_ELEMENT: error(
    'An `element` of something that cannot be a shared array: a standard attribute, or a member of an object.',
  ),
  ATTRIBUTE_OVERLAP: error('One mapping writes an attribute, another a member of it.'),
  ATTRIBUTE_ALIKE: warning(
    'Two attribute names differ by case or spaces only; Braze keeps them apart.',
  ),
  ATTRIBUTE_TYPE: error(
    'A type that the standard attribute, or another mapping of the same trait, contradicts.',
  ),
  KEY_TWICE: error('Two keys of one section are the same trait, written differently.'),
  EVENT_NAME_INVALID: error(
    'An event name Braze does not take: over 255 characters or a leading `$`.',
  ),
  EVENT_ALIKE: warning('Two event names differ by case or spaces only; Braze keeps them apart.'),
  EVENT_PROPERTY_INVALID: error(
    'A property name Braze refuses: `time`, `event_name`, a leading `$`, over 255 characters, or twice; unless `properties` says otherwise, the value goes by the key of its mapping.',
  ),
  COHORT_NAME_INVALID: error('A cohort name is blank or over 255 characters.'),
  COHORT_TWICE: error('Two mappings use the same cohort name.'),
  COHORT_ALIKE: warning('Two cohort names differ by case or spaces only.'),
  COHORT_NEEDS_PARTNER: error(
    'A cohort without `attribute` beside it, in an environment without a Braze partner key.',
  ),
  SUBSCRIPTION_GROUP_TWICE: error('Two mappings write the same subscription group.'),
  SUBSCRIPTION_GROUP_ID: warning(
    'A subscription group by something else than an id as Braze gives it, a UUID: Braze refuses it.',
  ),
} as const

const MAPPING_CODES = {
  SYNC_EMPTY: warning('A sync that maps nothing.'),
  MAPPING_EMPTY: error(
    'A mapping that writes nothing; say `send: false` if filters alone need it.',
  ),
  MAPPING_NOT_SENT: error('`send: false` beside something to send.'),
  OPTION_UNUSED: warning('An option without effect on this mapping.'),
  JOURNEY_EXIT: warning(
    'An exit of a journey step; users leave a step only if the journey has exit settings.',
  ),
  MOVED_INVALID: error('`moved` does not lead from a mapping that is gone to one that exists.'),
  RETIRED_STILL_WRITTEN: error('`retire` names an attribute that a mapping still writes.'),
  RETIRED_TWICE: error('Two entries of `retire` name the same attribute.'),
} as const

const FILTER_CODES = {
  FILTER_OPERATOR_TWICE: error(
    'A condition with several operators; put one condition each under `all`.',
  ),
  ...FILTER_CHECK_CODES,
} as const

const CASE_CODES = {
  CASES_WITHOUT_SYNC: error('A cases file without a sync of the same name.'),
  CASE_NAME_TWICE: error('Two cases of one file have the same name.'),
  CASE_TIME: error('A time in a case that is not ISO 8601.'),
  CASE_EVENT_EMPTY: error(
    'An event of a case that carries neither a trait nor an audience, or both.',
  ),
  CASE_UNKNOWN_KEY: warning(
    'A case gives a value of a trait, audience or segment that the sync does not know; it will be counted as unmapped.',
  ),
  CASE_UNKNOWN_NAME: error(
    'A case expects an attribute, event, cohort or segment that the sync does not have.',
  ),
  CASE_USERS: error('A case with several users whose expectation does not say which.'),
} as const

/** The codes of the configuration by what they are about, in the order of the docs. */
export const CONFIG_CODE_GROUPS: Readonly<Record<string, Readonly<Record<string, CodeInfo>>>> = {
  yaml: YAML_CODES,
  shape: SHAPE_CODES,
  environments: ENVIRONMENT_CODES,
  names: NAME_CODES,
  mappings: MAPPING_CODES,
  filters: FILTER_CODES,
  cases: CASE_CODES,
}

/** Every code of the configuration, with its severity and meaning. */
export const CONFIG_CODES = {
  ...YAML_CODES,
  ...SHAPE_CODES,
  ...ENVIRONMENT_CODES,
  ...NAME_CODES,
  ...MAPPING_CODES,
  ...FILTER_CODES,
  ...CASE_CODES,
} as const

/** A code of the configuration. */
export type ConfigCode = keyof typeof CONFIG_CODES
