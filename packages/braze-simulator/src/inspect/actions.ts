import type { Json } from '@engage-sync/core'
import { readFault } from '../faults.ts'
import type { FaultOptions } from '../faults.ts'
import type { Action } from './routes.ts'
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
      return { faults: read.map((fault) => ({ ...faults.add(fault as FaultOptions) })) as unknown as Json }
    },
  ],
  [
    'DELETE faults',
    (_, { faults }) => {
      faults.clear()
      return { faults: [] }
    },
  ],
])
