import type { RunProgram } from '@engage-sync/core'
import { killPoint } from '../../../process/kill-points.ts'
import type { DeferredUser } from '../../deferred/index.ts'
import type { LateAnswers, LateEnd, OpenRequest, RowAt, RowOutcomes } from '../../delivery/index.ts'
import { AnswerTimes } from './answer-times.ts'
import type { Holds } from './holds.ts'
import type { UndecidedMarks } from './undecided-marks.ts'

/** Whom late answers concern. */
export interface LateInputs {
  /** Default: by how long answers take. */
  readonly lateMs: number | undefined
  readonly holds: Holds
  readonly marks: UndecidedMarks
  readonly outputs: RunProgram['outputs']
  readonly outcomes: () => RowOutcomes
  /** Before something that depends on what was delivered may follow, milliseconds. */
  readonly settleMs: number
  /** Told whenever somebody may go on. */
  readonly onFree: () => void
}

/** Requests of former windows that are under way: their users wait, and nobody else. */
export class LateWork implements LateAnswers {
  readonly #inputs: LateInputs
  readonly #answers = new AnswerTimes()
  #open = 0
  #failure: unknown = null
  #begun: DeferredUser[] = []
  #idle: (() => void)[] = []

  constructor(inputs: LateInputs) {
    this.#inputs = inputs
  }

  /** How long after the last request left an answer is late: by how long the others take. */
  get afterMs(): number {
    return this.#inputs.lateMs ?? this.#answers.lateMs
  }

  inTime(ms: number): void {
    this.#answers.inTime(ms)
  }

  /** What ended some of it early, or null. */
  get failure(): unknown {
    return this.#failure
  }

  get isIdle(): boolean {
    return this.#open === 0
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (!this.isIdle) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** Users who became late since it was asked last, as their letters tell of them. */
  takeBegun(): readonly DeferredUser[] {
    const begun = this.#begun
    this.#begun = []
    return begun
  }

  mayBegin(rows: number): boolean {
    return rows <= this.#inputs.holds.room
  }

  begin(rows: readonly RowAt[]): void {
    this.#open++
    this.#answers.late()
    const { holds } = this.#inputs
    for (const place of rows) {
      const user = this.#underWay(place)
      this.#begun.push(user)
      holds.hold(user.user, user.partition, { ms: 0, isLate: true })
    }
    killPoint('in-detach')
  }

  row(place: RowAt, ended: LateEnd): void {
    killPoint('late-answer')
    const { holds, outcomes, settleMs, onFree } = this.#inputs
    if (ended === 'done') holds.answered(place, null)
    else {
      const putOff = outcomes().takePutOff(place)
      const { verdicts, values } = outcomes().unanswered.takeColumns(place.open, place.row)
      outcomes().suspendRow(place.open, place.row)
      const unanswered = { doubted: verdicts, unanswered: values }
      holds.answered(place, { ms: ended === 'failed' ? null : settleMs, unanswered, putOff })
    }
    onFree()
  }

  unknown(request: OpenRequest): void {
    this.#inputs.marks.add(request)
  }

  end(failure: unknown): void {
    this.#failure ??= failure
    this.#open--
    if (this.isIdle) for (const resolve of this.#idle.splice(0)) resolve()
    this.#inputs.onFree()
  }

  /** Whatever is pending of the row may have been applied by now. */
  #underWay({ open, row }: RowAt): DeferredUser {
    const { outputs } = this.#inputs
    const { pending, rows } = open
    const columns: number[] = []
    for (let entry = pending.first(row); entry >= 0; entry = pending.after(entry))
      if (pending.isOpen(entry) && !pending.isEvent(entry)) columns.push(pending.columnOf(entry))
    const isVerdict = (column: number) => outputs[column]?.isSegment === true
    return {
      partition: rows.number,
      user: rows.idText(row),
      doubted: columns.filter(isVerdict),
      unanswered: columns.filter((column) => !isVerdict(column)),
    }
  }
}
