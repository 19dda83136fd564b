import type { Json } from '@engage-sync/contract'
import type { Engine } from '../engine/index.ts'
import type { Faults } from '../traffic/index.ts'

/** What can be looked at and changed from outside. */
export interface Inspection {
  readonly engine: Engine
  readonly faults: Faults
}

/** Something to look at: JSON, or null for "not there". */
export type View = (rest: string, query: URLSearchParams, inspection: Inspection) => Json

/** Something to do: the answer, or what is wrong with the body. */
export type Action = (body: Json, inspection: Inspection) => Json | { readonly problem: string }
