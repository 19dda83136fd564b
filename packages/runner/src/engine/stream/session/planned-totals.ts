import type { MappingPlan, PlanSummary } from '@engage-sync/core'

/** What several windows planned, added up. */
export class PlannedTotals {
  readonly #mappings = new Map<string, MappingPlan>()
  #sum: Omit<PlanSummary, 'mappings'> = {
    users: { seen: 0, changed: 0, created: 0, only_existing: 0 },
    attributes: 0,
    events: 0,
    cohortAdds: 0,
    cohortRemovals: 0,
    dataPoints: 0,
    effect: null,
    undone: 0,
    digest: '',
    kinds: { additive: 0, changing: 0, destructive: 0 },
  }

  get summary(): PlanSummary {
    return { ...this.#sum, mappings: this.#mappings }
  }

  add(window: PlanSummary): void {
    for (const [id, plan] of window.mappings) this.#addMapping(id, plan)
    const { users, kinds } = this.#sum
    this.#sum = {
      ...this.#sum,
      users: {
        seen: users.seen + window.users.seen,
        changed: users.changed + window.users.changed,
        created: users.created + window.users.created,
        only_existing: users.only_existing + window.users.only_existing,
      },
      attributes: this.#sum.attributes + window.attributes,
      events: this.#sum.events + window.events,
      cohortAdds: this.#sum.cohortAdds + window.cohortAdds,
      cohortRemovals: this.#sum.cohortRemovals + window.cohortRemovals,
      dataPoints: this.#sum.dataPoints + window.dataPoints,
      undone: this.#sum.undone + window.undone,
      kinds: {
        additive: kinds.additive + window.kinds.additive,
        changing: kinds.changing + window.kinds.changing,
        destructive: kinds.destructive + window.kinds.destructive,
      },
    }
  }

  #addMapping(id: string, plan: MappingPlan): void {
    const known = this.#mappings.get(id)
    if (known === undefined) {
      this.#mappings.set(id, { ...plan })
      return
    }
    known.users += plan.users
    known.new += plan.new
    known.changed += plan.changed
    known.unset += plan.unset
    known.events += plan.events
    known.cohortAdds += plan.cohortAdds
    known.cohortRemovals += plan.cohortRemovals
    known.dataPoints += plan.dataPoints
    known.additions += plan.additions
    known.removals += plan.removals
  }
}
