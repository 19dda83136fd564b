import { MAX_ALIAS_BYTES } from '../../braze/limits.ts'
import type { NormalisedIdentity } from '../../model/sync.ts'
import type { Rule } from './rule.ts'

const encoder = new TextEncoder()

/** The identifier that is asked for can exist, and Braze takes the label of the alias. */
export const checkIdentity: Rule = ({ syncs }) => {
  for (const { document, sync, config } of syncs) {
    if (isBlankSomewhere(sync.identity.externalId)) {
      document.report('IDENTITY_INVALID', document.rangeOf(['identity', 'external_id']), {
        message: `"${config.identity?.external_id}" has an empty part between its dots`,
        hint: 'E.g. `traits.customer.id`; write `\\.` for a dot that belongs to the name.',
      })
    }
    const label = sync.identity.alias?.label
    if (
      label === undefined ||
      (label.trim() !== '' && encoder.encode(label).length <= MAX_ALIAS_BYTES)
    )
      continue
    document.report('IDENTITY_INVALID', document.rangeOf(['identity', 'alias', 'label']), {
      message:
        label.trim() === ''
          ? 'the label of an alias cannot be blank'
          : `the label of an alias has at most ${MAX_ALIAS_BYTES} bytes`,
      hint: 'E.g. `segment_anonymous_id`.',
    })
  }
}

/** Addresses come in any case, and Braze tells capitals apart: it is asked for, never decided. */
export const checkCapitals: Rule = ({ syncs }) => {
  for (const { document, sync, config } of syncs) {
    if (config.identity?.lower_case !== undefined || !namesByAddress(sync.identity)) continue
    const option = isAddress(sync.identity.externalId) ? ['external_id'] : ['alias', 'from']
    document.report('IDENTITY_CAPITALS', document.rangeOf(['identity', ...option]), {
      message: 'addresses become identifiers as they come, and Braze tells capitals apart',
      hint: 'Write `lower_case: true`, so that one address is one profile; `lower_case: false` where Braze has identifiers with capitals.',
    })
  }
}

function namesByAddress({ externalId, alias }: NormalisedIdentity): boolean {
  return isAddress(externalId) || alias?.from === 'email'
}

function isAddress(rule: NormalisedIdentity['externalId']): boolean {
  if (rule.from === 'email') return true
  if (rule.from === 'externalIds') return ADDRESS.test(rule.type)
  return rule.from === 'traits' && ADDRESS.test(rule.path.at(-1) ?? '')
}

/** Names that addresses go by: `email`, `e-mail`, `Email_Address`. */
const ADDRESS = /^e[-_ ]?mail(?:[-_ ]?address)?$/iu

function isBlankSomewhere(rule: NormalisedIdentity['externalId']): boolean {
  if (rule.from === 'traits') return rule.path.some((part) => part.trim() === '')
  return rule.from === 'externalIds' && rule.type.trim() === ''
}
