import { checkAlikeAttributes, checkAttributeWriters } from './attributes.ts'
import { checkCaseReferences } from './case-references.ts'
import { checkCaseEvents, checkCaseNames, checkCasesHaveSync, checkCaseTimes } from './cases.ts'
import { checkMoved, checkRetired } from './changes.ts'
import { checkFileNames, checkHasSyncs } from './directory.ts'
import {
  checkBraze,
  checkEnvironmentExists,
  checkEnvironmentNames,
  checkGuards,
  checkSegmentAccess,
  checkState,
} from './environments.ts'
import { checkAlikeEvents } from './events.ts'
import { checkFilters } from './filters.ts'
import { checkCapitals, checkIdentity } from './identity.ts'
import {
  checkCohortNames,
  checkCohortPartner,
  checkJourneySteps,
  checkSubscriptionGroups,
} from './memberships.ts'
import { checkNames } from './names.ts'
import { checkOutputs, checkSyncEmpty, checkUnusedOptions } from './options.ts'
import { checkNotify } from './notify.ts'
import type { Rule } from './rule.ts'
import { checkSecrets } from './secrets.ts'
import {
  checkBuckets,
  checkFolders,
  checkSchedules,
  checkSources,
  checkWebhookPaths,
  checkWebhooks,
} from './sources.ts'
import { checkLogs, checkStreams } from './streams.ts'
import { checkElements, checkSameKeys, checkStandardTypes, checkTraitTypes } from './types.ts'

/** Every rule, in the order they are checked. */
export const RULES: readonly Rule[] = [
  checkFileNames,
  checkHasSyncs,
  checkEnvironmentExists,
  checkEnvironmentNames,
  checkBraze,
  checkGuards,
  checkNotify,
  checkSegmentAccess,
  checkState,
  checkSecrets,
  checkSources,
  checkBuckets,
  checkFolders,
  checkSchedules,
  checkWebhooks,
  checkWebhookPaths,
  checkStreams,
  checkLogs,
  checkIdentity,
  checkCapitals,
  checkNames,
  checkSameKeys,
  checkStandardTypes,
  checkElements,
  checkTraitTypes,
  checkAttributeWriters,
  checkAlikeAttributes,
  checkAlikeEvents,
  checkCohortNames,
  checkCohortPartner,
  checkSubscriptionGroups,
  checkJourneySteps,
  checkOutputs,
  checkSyncEmpty,
  checkUnusedOptions,
  checkMoved,
  checkRetired,
  checkFilters,
  checkCasesHaveSync,
  checkCaseNames,
  checkCaseTimes,
  checkCaseEvents,
  checkCaseReferences,
]
