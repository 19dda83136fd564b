/** The words Braze's error texts are made of. What is not among them could be somebody's value. */
const WORDS = new Set(
  `a allowed an and api app array attribute attributes are aliases as at bad be blacklisted braze by byte bytes can cannot character characters
  cohort code contain country data dates disallowed does each either email empty error event events exceed exceeded externally failed fewer field fields for
  format found from greater group groups has have id ids identifier identifiers in input integer invalid is key keys label language length less limit
  list location longer many mapping match max maximum may merge merged message min missing more must name non non-empty not null number object objects of on
  one only or parameter payload per phone prioritization processed product profile properties property provide provided purchases quantity reached recognized request
  required requested reserved retry same sent should single size specified state string strings subscription subscribed subscribe such supported than that the time
  to token too type unable unique unknown unsupported update updates use used user users valid value values was were when with within without you
  external_id external_ids braze_id user_alias user_aliases alias_name alias_label user_identifiers user_ids device_ids cohort_id cohort_changes created_at
  first_name last_name home_city dob gender time_zone current_location image_url email_subscribe push_subscribe subscription_groups push_tokens
  app_id device_id currency price merge_updates identifier_to_merge identifier_to_keep should_remove iso-8601
  1 50 75 100 236 255 987 988 1,000`.split(/\s+/),
)

/** Longest text that reaches a message, characters. */
const MAX_LENGTH = 200
/** A code of Braze's such as EMAIL_BAD_FORMAT. */
const CODE = /^[A-Z]+(?:_[A-Z]+)+$/
/** A word without the marks around it. */
const WORD = /^["'`([]*(.*?)['"`)\].,;:!?]*$/

/**
 * A text of Braze's without anything that could be a value: words outside a known vocabulary become
 * `…`.
 *
 * Braze echoes keys and values in some of its messages, so what is kept is named, not what is
 * removed. Pure.
 */
export function plainText(text: string): string {
  const words = text.slice(0, 4 * MAX_LENGTH).split(/\s+/)
  const kept = words.map((word) => (isPlain(WORD.exec(word)?.[1] ?? '') ? word : '…'))
  return kept
    .filter((word, index) => word !== '…' || kept[index - 1] !== '…')
    .join(' ')
    .slice(0, MAX_LENGTH)
}

function isPlain(word: string): boolean {
  return word === '' || CODE.test(word) || WORDS.has(word.toLowerCase())
}
