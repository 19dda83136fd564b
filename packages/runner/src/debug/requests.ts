import type { CompiledSync, Destination, MemoryUpdate, PackedRequest } from '@engage-sync/core'

/** A request as it would leave, and what was answered where it did. */
export interface DebugRequest {
  readonly path: string
  readonly body: unknown
  /** One a part, in order; null when nothing was sent. */
  readonly answers: readonly string[] | null
}

/** Whether the user is identified: the others are shown, never sent. */
export function isIdentified({ user }: MemoryUpdate): boolean {
  return 'externalId' in user
}

/**
 * The requests that updates of identified users become: attributes and events, then memberships.
 */
export function packUpdates(
  updates: readonly MemoryUpdate[],
  syncs: readonly CompiledSync[],
  destination: Destination,
): readonly PackedRequest[] {
  const packer = destination.createPacker()
  const createUser = syncs.some(({ createUsers }) => createUsers)
  return updates
    .filter(isIdentified)
    .flatMap(({ user, attributes, events, memberships, createsUser }, update) => {
      const full = packer.add({
        ref: update,
        user,
        attributes: attributes === null ? null : membersOf(attributes),
        attributeNames: Object.keys(attributes ?? {}),
        events: events.map((event, ref) => ({ ref, members: membersOf(event) })),
        memberships: [],
        createUser: createUser && createsUser,
      })
      const cohorts = memberships.flatMap(({ cohortId, member }, ref) =>
        destination.packCohort(cohortId, [{ update, ref, user, member }]),
      )
      return [...full, ...packer.flush(), ...cohorts]
    })
}

function membersOf(object: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(object).slice(1, -1)
}

/** A request without its answer. */
export function showRequest({ path, body }: PackedRequest): DebugRequest {
  return { path, body: JSON.parse(new TextDecoder().decode(body)) as unknown, answers: null }
}

/** Sends requests one after another; cohorts are made first. */
export async function sendRequests(
  requests: readonly PackedRequest[],
  cohorts: ReadonlyMap<string, string>,
  {
    destination,
    signal,
    nowMs,
  }: { readonly destination: Destination; readonly signal: AbortSignal; readonly nowMs: number },
): Promise<readonly DebugRequest[]> {
  for (const [id, name] of cohorts)
    await destination.prepareCohort({ id, name, createdAt: new Date(nowMs).toISOString() }, signal)
  const sent: DebugRequest[] = []
  for (const request of requests) {
    const { outcomes } = await destination.send(request, signal)
    const answers = outcomes.map((outcome) =>
      outcome.status === 'rejected'
        ? `rejected: ${outcome.rejection.code} ${outcome.rejection.message}`
        : outcome.status === 'delivered'
          ? 'accepted'
          : `${outcome.status}: ${outcome.reason}`,
    )
    sent.push({ ...showRequest(request), answers })
  }
  return sent
}
