import { maskUser, zip } from '@engage-sync/core'
import type { PlanListener } from '../engine/index.ts'

/** What one user would get, without values: names and types only, the identifier shortened. */
export interface PlanSample {
  readonly user: string
  readonly attributes: readonly { readonly name: string; readonly value: string }[]
  readonly events: readonly string[]
  readonly cohorts: readonly { readonly name: string; readonly member: boolean }[]
}

/** Collects the first few users a plan changes. */
export class SampleCollector implements PlanListener {
  readonly #samples: PlanSample[] = []
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /** What was collected since the plan began anew. */
  get samples(): readonly PlanSample[] {
    return this.#samples
  }

  /** Forgets what belonged to a cut that did not fit. */
  readonly onStart = (): void => {
    this.#samples.length = 0
  }

  /** Takes a row into the samples while there is room. */
  readonly onRow: NonNullable<PlanListener['onRow']> = ({ open, row, update }) => {
    if (this.#samples.length >= this.#most) return
    this.#samples.push({
      user: maskUser(open.rows.idText(row)),
      attributes: attributesOf(update.attributes),
      events: update.eventEntries.map(({ name }) => name),
      cohorts: zip(update.membershipEntries, update.memberships).map(
        ([{ output }, { member }]) => ({ name: output.encoding.name, member }),
      ),
    })
  }
}

function attributesOf(members: string | null): PlanSample['attributes'] {
  if (members === null) return []
  return Object.entries(JSON.parse(`{${members}}`) as Record<string, unknown>)
    .filter(([name]) => !name.startsWith('_'))
    .map(([name, value]) => ({ name, value: kindOf(value) }))
}

/** Booleans and nulls tell nothing of a person; everything else is told by its type. */
function kindOf(value: unknown): string {
  if (value === null) return 'unset'
  if (typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `array of ${value.length}`
  if (typeof value === 'string') return TIME.test(value) ? 'time' : 'string'
  if (typeof value !== 'object') return typeof value
  return 'add' in value ? 'adds' : 'remove' in value ? 'removes' : 'object'
}

/** What Braze takes as a time: ISO 8601. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/
