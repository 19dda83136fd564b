import { ALIAS, MEMBER, NO_MEMBER, NOTHING, operandId, userName } from '@engage-sync/core'
import type { CompiledSegment, Layout, OpenPartition, RunProgram } from '@engage-sync/core'
import { retellVerdict } from '../durable/unconfirmed-sends.ts'
import type { RowMigration } from './partitions.ts'
import type { ResolvedMappings } from '../mappings/resolve.ts'
import { unsetRetired } from '../mappings/retire.ts'

/** What a run prepares in every partition it opens, and which partitions it must open whatever the source says. */
export interface RowMigrations {
  readonly steps: readonly RowMigration[]
  readonly mustOpen: (partition: number) => boolean
  /** Rows in memory are no longer what the state should hold, so no snapshot may be taken of them. */
  readonly distorts: boolean
  /** Segments whose users keep their place, by id: a retry reads too little to judge them by what they mean now. */
  readonly unjudged: ReadonlySet<string>
}

/** What decides about preparations beside the configuration's changes. */
export interface RowMigrationOptions {
  readonly due: ReadonlySet<number>
  readonly resend: boolean
  /** Values of former runs stay; otherwise those nothing needs are erased with the partition's next snapshot. */
  readonly keepValues: boolean
  /** Whom the run works on, by the text of their identifier: nothing is prepared that would be sent to others. Null: all. */
  readonly onlyUsers: ReadonlySet<string> | null
  /** Dead letters are read, not the sources: what the configuration changes for everybody is left to the next run. */
  readonly isRetry: boolean
}

/** Plans the preparations of a run. @param due - partitions where time alone may have changed a segment */
export function planRowMigrations(prepared: ResolvedMappings, how: RowMigrationOptions): RowMigrations {
  const { changes, program, layout } = prepared
  const changed = new Set(changes.changed)
  const touched = new Set([...changes.added, ...changes.changed])
  const attributes = columnsWhere(program, (output) => changed.has(output.id) && output.kind === 'attribute')
  const refusable = columnsWhere(program, (output) => changed.has(output.id))
  const newSegments = program.fold.segments.map(({ segment }) => segment).filter(({ id }) => touched.has(id))
  const judged = how.isRetry ? [] : newSegments
  const operands = operandColumns(judged, layout)
  const retired = how.isRetry ? [] : program.outputs.flatMap((output) => (output?.sync === -1 ? [output] : []))
  const steps: RowMigration[] = []
  if (!how.keepValues) steps.push((open) => forgetValues(open, program))
  if (refusable.length > 0) steps.push((open) => forgetRefused(open, refusable))
  if (attributes.length > 0) steps.push((open) => setBack(open, attributes, { keepDigest: true }))
  if (operands.length > 0) steps.push((open) => setBack(open, operands, { keepDigest: false }))
  if (how.resend) {
    const sent = columnsWhere(program, (output) => output.kind !== 'event' && output.sync >= 0 && !output.isSegment)
    steps.push((open) => setBack(open, sent, { keepDigest: true }))
    steps.push((open) => resendVerdicts(open, program, wantedRows(open, how.onlyUsers)))
  }
  if (retired.length > 0) steps.push((open) => unsetRetired(open, retired, wantedRows(open, how.onlyUsers)))
  steps.push((open) => {
    if (judged.length > 0 || how.due.has(open.rows.number)) touch(open, wantedRows(open, how.onlyUsers))
  })
  return {
    steps,
    mustOpen: (partition) => judged.length > 0 || retired.length > 0 || how.resend || how.due.has(partition),
    distorts: attributes.length > 0 || operands.length > 0 || how.resend,
    unjudged: new Set(how.isRetry ? newSegments.map(({ id }) => id) : []),
  }
}

function columnsWhere(program: RunProgram, isWanted: (output: NonNullable<RunProgram['outputs'][number]>) => boolean): readonly number[] {
  return program.outputs.flatMap((output) => (output !== undefined && isWanted(output) ? [output.column] : []))
}

/** New and changed segments must see the values again, to know their verdicts on them. */
function operandColumns(segments: readonly CompiledSegment[], layout: Layout): readonly number[] {
  const columns = new Set<number>()
  for (const { sync, filter } of segments) {
    for (const leaf of filter.leaves) if (leaf.type !== 'event') columns.add(layout.find(operandId(sync, leaf.operand))!.number)
  }
  return [...columns]
}

/** Lets the newest value of each slot be folded once more. */
function setBack({ rows }: OpenPartition, columns: readonly number[], how: { readonly keepDigest: boolean }): void {
  for (const column of columns) {
    for (let row = 0; row < rows.rows; row++) {
      rows.slots.setBack(row, column)
      if (!how.keepDigest) rows.slots.writeDigest(row, column, NOTHING)
    }
  }
}

/** Has verdicts of segments told again where Braze was told of them: a member, or an attribute that says no member. */
function resendVerdicts(open: OpenPartition, { outputs }: RunProgram, wanted: readonly number[]): void {
  const { slots } = open.rows
  for (const output of outputs) {
    if (output?.isSegment !== true || output.kind === 'event') continue
    const isSeen = output.kind === 'attribute' && output.attribute!.mode !== 'element'
    for (const row of wanted) {
      const isTold = slots.holds(row, output.column, MEMBER) || (isSeen && slots.holds(row, output.column, NO_MEMBER))
      if (!isTold) continue
      retellVerdict(open, row, output.column)
      open.pending.notes.touch(row)
    }
  }
}

/** Erases texts that were stored while `keep_values` was set; differences and aliases still need theirs. */
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

function wantedRows({ rows }: OpenPartition, onlyUsers: ReadonlySet<string> | null): readonly number[] {
  const all = Array.from({ length: rows.rows }, (_, row) => row)
  return onlyUsers === null ? all : all.filter((row) => onlyUsers.has(userName(rows.idText(row))))
}

function touch({ pending }: OpenPartition, rows: readonly number[]): void {
  for (const row of rows) pending.notes.touch(row)
}
