import type { FoldProgram, KeyProgram, SegmentProgram } from './program.ts'

/**
 * The part of a program that some mappings and segments need, for reading what the others read
 * before.
 *
 * Shape: the same syncs, identities, keys and columns, so that records are known as ever and users
 * found as ever; but only the values these want are given, and only their slots are folded. What a
 * filter knows of a key is one thing for all segments of a sync, and is renewed for all of them
 * when one needs it.
 *
 * @param ids - of mappings and segments
 */
export function narrowProgram(program: FoldProgram, ids: ReadonlySet<string>): FoldProgram {
  const segments = program.segments.filter(({ segment }) => ids.has(segment.id))
  const leaves = new Set(segments.flatMap((segment) => segment.leaves))
  const keys = program.keys.map((programs) =>
    programs.flatMap((one) => narrowKey(one, { ids, leaves })),
  )
  return {
    ...program,
    keys,
    plan: {
      ...program.plan,
      only: Uint8Array.from(keys, (programs) => Number(programs.length > 0)),
    },
  }
}

function narrowKey(
  program: KeyProgram,
  {
    ids,
    leaves,
  }: {
    readonly ids: ReadonlySet<string>
    readonly leaves: ReadonlySet<SegmentProgram['leaves'][number]>
  },
): readonly KeyProgram[] {
  const slots = program.slots.filter(({ mapping }) => ids.has(mapping.id))
  const operands = program.operands.filter((operand) =>
    operand.leaves.some((leaf) => leaves.has(leaf)),
  )
  return slots.length + operands.length === 0 ? [] : [{ ...program, slots, operands }]
}
