import type { Json } from '@engage-sync/contract'
import { readSegment, seedUsers } from '../engine/index.ts'
import type { Engine } from '../engine/index.ts'
import { FilterError, selectUsers } from '../filters/index.ts'
import { readFault } from '../options/index.ts'
import type { FaultOptions } from '../options/index.ts'
import { isObject } from '../values/index.ts'
import type { Action } from './inspection.ts'
import { changeSettings } from './settings-view.ts'
import { summaryView } from './views.ts'

/** What `POST` and `DELETE /simulator/<name>` do. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  [
    'POST reset',
    (_, { engine }) => {
      engine.reset()
      return summaryView(engine)
    },
  ],
  [
    'POST settle',
    (_, { engine }) => {
      engine.settle()
      return summaryView(engine)
    },
  ],
  ['POST settings', (body, { engine }) => changeSettings(body, engine)],
  [
    'POST faults',
    (body, { faults }) => {
      const read = (Array.isArray(body) ? body : [body]).map(readFault)
      const problem = read.find((fault) => 'problem' in fault)
      if (problem !== undefined) return problem as { problem: string }
      return {
        faults: read.map((fault) => ({ ...faults.add(fault as FaultOptions) })) as unknown as Json,
      }
    },
  ],
  [
    'POST users',
    (body, { engine }): Json | { readonly problem: string } => {
      if (!Array.isArray(body) || !body.every(isObject))
        return { problem: 'the body must be an array of users' }
      return { added: seedUsers(body, engine) }
    },
  ],
  [
    'POST segments',
    (body, { engine }): Json | { readonly problem: string } => {
      const given = Array.isArray(body) ? body : [body]
      const segments = given.map(readSegment).filter((segment) => segment !== null)
      if (segments.length < given.length)
        return { problem: 'a segment must be an object with id, name and filter' }
      for (const segment of segments) engine.segments.add(segment, engine.now())
      return { added: segments.length }
    },
  ],
  ['POST filter', (body, { engine }) => select(body, engine)],
  [
    'DELETE faults',
    (_, { faults }) => {
      faults.clear()
      return { faults: [] }
    },
  ],
])

/** Ids shown of a selection; its count is exact. */
const SHOWN_IDS = 1000

function select(filter: Json, engine: Engine): Json | { readonly problem: string } {
  const { workspace, settings, rules } = engine
  try {
    const ids = selectUsers(filter, { workspace, settings, rules, now: engine.now() })
    return { count: ids.length, ids: ids.slice(0, SHOWN_IDS) }
  } catch (error) {
    if (error instanceof FilterError) return { problem: error.message }
    throw error
  }
}
