import { ALIAS, isRetired, MEMBER, NO_MEMBER, NOTHING, operandId } from '@engage-sync/core'
import type { CompiledSegment, Layout, OpenPartition, RunProgram } from '@engage-sync/core'
import type { ResolvedMappings } from '../mappings/index.ts'
import { worksOn } from '../request/index.ts'
import type { RunKind } from '../request/index.ts'
import type { RowMigration } from './partitions.ts'
import { retellVerdict } from './retell-verdict.ts'
import { unsetRetired } from './unset-retired.ts'

/**
 * What a run does to every partition it opens, and which partitions it must open whatever the
 * source says.
 */
export interface RowMigrations {
  /**
   * In this order: what is forgotten, what is folded once more, what is told again, and last what
   * is looked at.
   */
  readonly steps: readonly RowMigration[]
  readonly mustOpen: (partition: number) => boolean
  /**
   * Rows in memory are no longer what the state should hold, so no snapshot may be taken of them.
   */
  readonly blocksSnapshots: boolean
  /**
   * Segments whose users keep their place, by id: a retry reads too little to judge them by what
   * they mean now.
   */
  readonly frozenSegments: ReadonlySet<string>
}

/** What decides about migrations beside the configuration's changes. */
export interface RowMigrationOptions {
  readonly kind: Pick<RunKind, 'prepares' | 'onlyUsers'>
  /** Partitions where time alone may have changed a segment. */
  readonly due: ReadonlySet<number>
  /**
   * Values of former runs stay; otherwise those nothing needs are erased with the partition's next
   * snapshot.
   */
  readonly keepValues: boolean
}

/** Plans what a run does to the rows it opens. */
export function planRowMigrations(
  mappings: ResolvedMappings,
  { kind, due, keepValues }: RowMigrationOptions,
): RowMigrations {
  const { program } = mappings
  const { prepares } = kind
  const { attributes, refusable, segments } = changedRows(mappings)
  const judged = prepares.changedSegments ? segments : []
  const operands = operandColumns(judged, mappings.layout)
  const retired = prepares.retired
    ? program.outputs.flatMap((output) =>
        output !== undefined && isRetired(output) ? [output] : [],
      )
    : []
  const steps: RowMigration[] = []
  if (!keepValues) steps.push((open) => forgetValues(open, program))
  if (refusable.length > 0) steps.push((open) => forgetRefused(open, refusable))
  if (attributes.length > 0) steps.push((open) => setBack(open, attributes, { keepDigest: true }))
  if (operands.length > 0) steps.push((open) => setBack(open, operands, { keepDigest: false }))
  if (prepares.sent) steps.push(...sendingAgain(program, kind))
  if (retired.length > 0) steps.push((open) => unsetRetired(open, retired, wantedRows(open, kind)))
  steps.push((open) => {
    if (judged.length > 0 || due.has(open.rows.number)) touch(open, wantedRows(open, kind))
  })
  return {
    steps,
    mustOpen: (partition) =>
      judged.length > 0 || retired.length > 0 || prepares.sent || due.has(partition),
    blocksSnapshots: attributes.length > 0 || operands.length > 0 || prepares.sent,
    frozenSegments: new Set(prepares.changedSegments ? [] : segments.map(({ id }) => id)),
  }
}

/**
 * What changed mappings concern: columns of their attributes, columns of what they may have
 * refused, and segments.
 */
function changedRows({ changes, program }: ResolvedMappings) {
  const changed = new Set(changes.changed)
  const touched = new Set([...changes.added, ...changes.changed])
  return {
    attributes: columnsWhere(
      program,
      (output) => changed.has(output.id) && output.kind === 'attribute',
    ),
    refusable: columnsWhere(program, (output) => changed.has(output.id)),
    segments: program.fold.segments
      .map(({ segment }) => segment)
      .filter(({ id }) => touched.has(id)),
  }
}

function sendingAgain(
  program: RunProgram,
  kind: Pick<RunKind, 'onlyUsers' | 'prepares'>,
): readonly RowMigration[] {
  const { onlyMappings, absent } = kind.prepares
  const isWanted = ({ id }: { readonly id: string }) => onlyMappings?.has(id) ?? true
  const sent = columnsWhere(
    program,
    (output) =>
      output.kind !== 'event' && output.sync >= 0 && !output.isSegment && isWanted(output),
  )
  const outputs = program.outputs.filter((output) => output !== undefined && isWanted(output))
  return [
    (open) => setBack(open, sent, { keepDigest: true }),
    (open) => resendVerdicts(open, outputs, { wanted: wantedRows(open, kind), absent }),
  ]
}

function columnsWhere(
  program: RunProgram,
  isWanted: (output: NonNullable<RunProgram['outputs'][number]>) => boolean,
): readonly number[] {
  return program.outputs.flatMap((output) =>
    output !== undefined && isWanted(output) ? [output.column] : [],
  )
}

/** New and changed segments must see the values again, to know their verdicts on them. */
function operandColumns(segments: readonly CompiledSegment[], layout: Layout): readonly number[] {
  const columns = new Set<number>()
  for (const { sync, filter } of segments) {
    for (const leaf of filter.leaves)
      if (leaf.type !== 'event') columns.add(layout.numberOf(operandId(sync, leaf.operand)))
  }
  return [...columns]
}

/** Lets the newest value of each slot be folded once more. */
function setBack(
  { rows }: OpenPartition,
  columns: readonly number[],
  how: { readonly keepDigest: boolean },
): void {
  for (const column of columns) {
    for (let row = 0; row < rows.rows; row++) {
      rows.slots.setBack(row, column)
      if (!how.keepDigest) rows.slots.writeDigest(row, column, NOTHING)
    }
  }
}

/**
 * Has verdicts of segments told again where Braze was told of them: a member, or an attribute that
 * says no member; with `absent`, every one that is no member.
 */
function resendVerdicts(
  open: OpenPartition,
  outputs: RunProgram['outputs'],
  { wanted, absent }: { readonly wanted: readonly number[]; readonly absent: boolean },
): void {
  const { slots } = open.rows
  for (const output of outputs) {
    if (output?.isSegment !== true || output.kind === 'event') continue
    const isSeen = absent || (output.kind === 'attribute' && output.encoding.mode !== 'element')
    for (const row of wanted) {
      const isTold =
        slots.holds(row, output.column, MEMBER) ||
        (isSeen && slots.holds(row, output.column, NO_MEMBER))
      if (!isTold) continue
      retellVerdict(open, row, output.column)
      open.pending.notes.touch(row)
    }
  }
}

/**
 * Erases texts that were stored while `keep_values` was set; differences and aliases still need
 * theirs.
 */
function forgetValues({ rows }: OpenPartition, { outputs }: RunProgram): void {
  rows.storedTexts.deleteWhere((row, column) => {
    const output = outputs[column]
    return output !== undefined && !output.storesText && rows.kindOf(row) !== ALIAS
  })
}

/** A changed mapping may make something else of a value that was refused. */
function forgetRefused(open: OpenPartition, columns: readonly number[]): void {
  const wanted = new Set(columns)
  open.forgetRefusedWhere((_, column) => wanted.has(column))
}

function wantedRows({ rows }: OpenPartition, kind: Pick<RunKind, 'onlyUsers'>): readonly number[] {
  const all = Array.from({ length: rows.rows }, (_, row) => row)
  return kind.onlyUsers === null ? all : all.filter((row) => worksOn(kind, rows.idText(row)))
}

function touch({ pending }: OpenPartition, rows: readonly number[]): void {
  for (const row of rows) pending.notes.touch(row)
}
