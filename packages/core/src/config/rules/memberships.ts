import { isSimulator } from '../../model/environment.ts'
import { foldName } from '../../names/fold-name.ts'
import { endpointProblem } from './endpoint.ts'
import { enabledMappings, whereIs } from './mappings.ts'
import type { PlacedMapping } from './mappings.ts'
import type { Rule, RuleContext } from './rule.ts'

interface WithCohort {
  readonly placed: PlacedMapping
  readonly name: string
  readonly hasAttribute: boolean
}

function cohortsOf(context: RuleContext): readonly WithCohort[] {
  return enabledMappings(context).flatMap((placed) => {
    const { mapping } = placed
    if (!('cohort' in mapping) || mapping.cohort === null || !mapping.send) return []
    return [{ placed, name: mapping.cohort.name, hasAttribute: mapping.attribute !== null }]
  })
}

/** A cohort name stands for one membership; names people would confuse are pointed out. */
export const checkCohortNames: Rule = (context) => {
  const seen = new Map<string, WithCohort>()
  for (const cohort of cohortsOf(context)) {
    const { document } = cohort.placed
    const before = seen.get(foldName(cohort.name))
    if (before === undefined) {
      seen.set(foldName(cohort.name), cohort)
      continue
    }
    const isSame = before.name === cohort.name
    const place = whereIs(before.placed, document)
    document.report(
      isSame ? 'COHORT_TWICE' : 'COHORT_ALIKE',
      document.rangeOf([...cohort.placed.path, 'cohort']),
      {
        message: isSame
          ? `${place} fills a cohort "${cohort.name}", too`
          : `"${cohort.name}" differs from "${before.name}" by case or spaces only; that is ${place}`,
        hint: isSame
          ? 'Give one of them another name; to join both, write a segment with `any`.'
          : 'Choose names that people can tell apart in the dashboard.',
      },
    )
  }
}

/**
 * Without a partner key of its own a team cannot write cohorts: an attribute has to hold the
 * membership.
 */
export const checkCohortPartner: Rule = (context) => {
  const { environment, project } = context
  if (environment === null || project === null) return
  if (
    isSimulator(environment.braze) ||
    environment.braze.cohorts !== null ||
    endpointProblem(environment.braze.endpoint) !== null
  )
    return
  if (project.document.isDamaged(['environments', environment.name, 'braze'])) return
  for (const { placed, name, hasAttribute } of cohortsOf(context)) {
    if (hasAttribute) continue
    const { document, path, key } = placed
    document.report('COHORT_NEEDS_PARTNER', document.rangeOf([...path, 'cohort']), {
      message: `environment "${environment.name}" has no Braze partner key, so it cannot fill the cohort "${name}"`,
      hint: `Add \`attribute: ${key}\` beside it and filter on that in Braze, or add \`braze.cohorts\` with a partner key of your own to the environment.`,
    })
  }
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu

/** A subscription group is named by its id, and has one mapping that decides. */
export const checkSubscriptionGroups: Rule = (context) => {
  const seen = new Map<string, PlacedMapping>()
  for (const placed of enabledMappings(context)) {
    const { mapping, document } = placed
    const group = 'subscriptionGroup' in mapping && mapping.send ? mapping.subscriptionGroup : null
    if (group === null) continue
    const id = group.id.trim()
    if (!UUID.test(id)) {
      document.report('SUBSCRIPTION_GROUP_ID', group.range, {
        message: `"${id}" is no id of a subscription group: Braze's are UUIDs`,
        hint: "Copy the group's id, not its name, from Braze: Audience > Subscriptions.",
      })
    }
    const before = seen.get(id)
    if (before === undefined) seen.set(id, placed)
    else {
      document.report('SUBSCRIPTION_GROUP_TWICE', group.range, {
        message: `${whereIs(before, document)} decides about this subscription group, too`,
        hint: 'Join both in one segment with `any`, and give the group to that.',
      })
    }
  }
}

const V1_JOURNEY_STEP = /^j_o_.*__/u

/** Steps of a journey are entered; they are left only where the journey has exit settings. */
export const checkJourneySteps: Rule = (context) => {
  for (const { mapping, section, key, document, path, written } of enabledMappings(context)) {
    if (
      section !== 'audiences' ||
      !V1_JOURNEY_STEP.test(key) ||
      mapping.event === null ||
      !('exited' in mapping.event)
    )
      continue
    if (mapping.event.exited === null || written.event === undefined) continue
    document.report('JOURNEY_EXIT', document.rangeOf([...path, 'event', 'exited'], 'key'), {
      message: `"${key}" is a journey step, which users leave only if the journey has exit settings`,
      hint: 'Leave `exited` out, unless the journey has them.',
    })
  }
}
