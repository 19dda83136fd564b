import type { CallResult, CohortChange } from '../api/index.ts'
import { withKeys } from '../cohorts/index.ts'
import type { CohortKeys } from '../cohorts/index.ts'
import { BrazeError } from '../errors.ts'
import type { Exchanger } from '../exchange/index.ts'
import { LIMITS } from '../limits.ts'
import { atMost, callBraze, resultOf } from './client-call.ts'
import type { CallOptions } from './client-call.ts'
import { jsonBody } from './json-body.ts'

/** Calls about a partner's cohorts. */
export interface CohortCalls {
  /** Creates the cohort, or renames it. */
  createCohort(
    cohort: { readonly cohort_id: string; readonly name: string; readonly created_at: string },
    options?: CallOptions,
  ): Promise<CallResult>
  changeCohort(
    cohortId: string,
    changes: readonly CohortChange[],
    options?: CallOptions,
  ): Promise<CallResult>
}

/**
 * The cohort calls; without keys they are refused here.
 *
 * @see https://www.braze.com/docs/cohort_import/
 */
export function cohortCalls(shared: Exchanger, keys: CohortKeys | null): CohortCalls {
  const send = async (end: string, body: object, signal: AbortSignal | undefined) => {
    if (keys === null)
      throw new BrazeError('BRAZE_OPTION', 'Cohort calls need the option `cohorts`', {
        hint: 'Pass partner, partnerApiKey and clientSecret.',
      })
    const path = `/partners/${encodeURIComponent(keys.partner)}/cohorts${end}`
    const bytes = withKeys(jsonBody(body), keys)
    return resultOf(
      await callBraze(shared, {
        path,
        group: 'cohorts',
        body: bytes,
        repeatable: true,
        authorised: false,
        needsMessage: false,
        signal,
      }),
    )
  }
  return {
    createCohort: (cohort, { signal } = {}) => send('', cohort, signal),
    async changeCohort(cohortId, changes, { signal } = {}) {
      const idsOf = ({ user_ids = [], device_ids = [], aliases = [] }: CohortChange) =>
        user_ids.length + device_ids.length + aliases.length
      atMost(
        LIMITS.cohortIds,
        changes.reduce((sum, change) => sum + idsOf(change), 0),
        'ids',
      )
      return send('/users', { cohort_id: cohortId, cohort_changes: changes }, signal)
    },
  }
}
