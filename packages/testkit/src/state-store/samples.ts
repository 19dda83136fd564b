import type {
  CommitGroup,
  DeadLetter,
  MappingRecord,
  RunRecord,
  StateStore,
} from '@engage-sync/core'

const AT = '2026-03-01T09:30:00.000Z'
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Rows of a partition; these tests take any bytes for them. */
export function delta(partition: number, text: string): { partition: number; bytes: Uint8Array } {
  return { partition, bytes: encoder.encode(text) }
}

/** A partition as texts: its snapshot or null, then its deltas. */
export function texts({
  snapshot,
  deltas,
}: {
  snapshot: Uint8Array | null
  deltas: readonly Uint8Array[]
}): readonly (string | null)[] {
  return [
    snapshot === null ? null : decoder.decode(snapshot),
    ...deltas.map((bytes) => decoder.decode(bytes)),
  ]
}

/** A mark with this intent. */
export function mark(id: string, intent: NonNullable<CommitGroup['openMarks']>[number]['intent']) {
  return { id, run: 1, intent }
}

/** A mapping with one slot. */
export function mapping(id: string, fingerprint: string): MappingRecord {
  return {
    id,
    fingerprint,
    bornAt: 1_772_357_400_000,
    slots: { [id]: 0 },
    active: true,
    about: { attribute: 'x' },
  }
}

/** A run that just began. */
export function run(number: number, status: RunRecord['status']): RunRecord {
  return {
    number,
    startedAt: AT,
    finishedAt: null,
    actor: null,
    commit: null,
    fingerprint: 'f',
    status,
    report: null,
  }
}

/** A dead letter, with these members changed. */
export function letter(members: Partial<DeadLetter>): DeadLetter {
  return {
    run: 1,
    at: AT,
    expiresAt: '2026-03-31T09:30:00.000Z',
    sync: 'shoppers',
    code: 'VALUE_TOO_LONG',
    message: 'Expected at most 255 characters',
    stage: 'destination',
    place: 'shoppers:traits.x',
    payload: { value: 'text' },
    subject: { partition: 1, user: 'u-1', slot: '0' },
    ...members,
  }
}

/** A group with something in every member. */
export const EVERYTHING: Omit<CommitGroup, 'epoch'> = {
  deltas: [{ partition: 1, bytes: Uint8Array.of(1) }],
  snapshots: [{ partition: 2, bytes: Uint8Array.of(2) }],
  openMarks: [{ id: 'm', run: 1, intent: 1 }],
  deadLetters: [letter({})],
  positions: [{ source: 's', position: 1 }],
  mappings: [mapping('a:traits.x', 'one')],
  values: [{ key: 'k', value: 1 }],
  run: run(1, 'done'),
}

/** How many things of each kind a state holds. */
export async function countAll(store: StateStore): Promise<readonly number[]> {
  const [first, second] = [await store.loadPartition(1), await store.loadPartition(2)]
  const marks = (await store.openMarks()).length
  const letters = (await store.deadLetters({ limit: 9 })).length
  const records = [
    (await store.positions()).size,
    (await store.mappings()).length,
    (await store.values('')).size,
  ]
  return [
    first.deltas.length,
    second.snapshot === null ? 0 : 1,
    marks,
    letters,
    ...records,
    (await store.runs(9)).length,
  ]
}
