import type { Json, JsonObject } from '@engage-sync/contract'
import { CHOSEN, LIMITS } from '../specification/index.ts'
import { judgeRemovals, judgeRenames } from '../users/index.ts'
import { listOf } from '../values/index.ts'
import type { Call, Reply } from './endpoint.ts'

/**
 * `/users/external_ids/rename`
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/external_id_migration/post_external_ids_rename/
 */
export function answerRename(body: JsonObject, { engine }: Call): Reply {
  const items = listOf(body, 'external_id_renames')
  const { accepted, errors } = judgeRenames(items, engine.workspace.directory, engine.rules)
  const answer = {
    message: 'success',
    external_ids: accepted.map(({ next }) => next),
    rename_errors: errors as unknown as Json,
  }
  return (
    countProblem(items, engine) ?? {
      status: 201,
      body: answer,
      work: { kind: 'external_ids_rename', body },
    }
  )
}

/**
 * `/users/external_ids/remove`
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/external_id_migration/post_external_ids_remove/
 */
export function answerRemove(body: JsonObject, { engine }: Call): Reply {
  const items = listOf(body, 'external_ids')
  const { accepted, errors } = judgeRemovals(items, engine.workspace.directory, engine.rules)
  const answer = {
    message: 'success',
    removed_ids: accepted,
    removal_errors: errors as unknown as Json,
  }
  return (
    countProblem(items, engine) ?? {
      status: 201,
      body: answer,
      work: { kind: 'external_ids_remove', body },
    }
  )
}

function countProblem(items: readonly Json[], { rules }: Call['engine']): Reply | null {
  if (items.length === 0) return CHOSEN.idsRequired
  return rules.idsPerRequest && items.length > LIMITS.idsPerRequest ? CHOSEN.tooManyIds : null
}
