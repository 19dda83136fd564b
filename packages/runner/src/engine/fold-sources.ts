import { PARTITIONS, RecordClasses, SyncError } from '@engage-sync/core'
import type { DeadLetter, FoldPass, SourcePosition } from '@engage-sync/core'
import { isIn } from './group.ts'
import type { Group } from './group.ts'
import { Links } from './links.ts'
import { NOTHING_PROMOTED, promoteAliases } from './promotion.ts'
import type { Promoted } from './promotion.ts'
import { Deletions } from './privacy.ts'
import type { ForgottenUser } from './privacy.ts'
import { readSource } from './read.ts'
import type { ReadParts, SourceReading } from './read.ts'
import { foldRetries } from './requeue.ts'
import type { Session } from './session.ts'
import { touchWaiting, waitingRecords } from './waiting.ts'

/** What one pass over the sources gave. */
export interface Folded {
  readonly readings: readonly SourceReading[]
  readonly promoted: Promoted
  readonly letters: readonly DeadLetter[]
  readonly forgotten: readonly ForgottenUser[]
}

/** Folds the sources of a run: whole, or group by group when the rows do not fit the memory budget. */
export class SourceFold {
  readonly #session: Session
  readonly #saved: ReadonlyMap<string, SourcePosition>
  /** Class bits per record, by source, when there are several passes. */
  readonly #classes = new Map<string, RecordClasses>()
  #deletions: Deletions

  constructor(session: Session, saved: ReadonlyMap<string, SourcePosition>) {
    this.#session = session
    this.#saved = saved
    this.#deletions = new Deletions(session)
  }

  /** How many records of each source the first pass decoded, so that later ones stop there. */
  readonly #decoded = new Map<string, number>()

  /** Where reading starts, by source: null for the beginning. */
  startOf(source: string): SourcePosition | null {
    const { options, prepared } = this.#session
    return options.reread || options.resend || prepared.history.has(source) ? null : (this.#saved.get(source) ?? null)
  }

  /** The same for every source that does not start at its beginning. */
  starts(): ReadonlyMap<string, SourcePosition> {
    const starts = new Map<string, SourcePosition>()
    for (const source of this.#session.prepared.programs.keys()) {
      const start = this.startOf(source)
      if (start !== null) starts.set(source, start)
    }
    return starts
  }

  /** How many of a source's records this run decoded. */
  decodedOf(source: string): number {
    return this.#decoded.get(source) ?? 0
  }

  /** Forgets what earlier passes counted, before another cut. */
  restart(): void {
    this.#classes.clear()
    this.#decoded.clear()
    this.#deletions = new Deletions(this.#session)
  }

  /** Folds one group. Null when its rows do not fit the budget. */
  async fold(group: Group): Promise<Folded | null> {
    const { options, prepared, partitions, preparations } = this.#session
    for (let number = 0; number < PARTITIONS; number++) {
      if (isIn(number, group) && preparations.mustOpen(number)) await partitions.open(number)
    }
    const letters: DeadLetter[] = []
    const links = new Links(prepared)
    if (options.retry !== undefined) {
      const readings = await foldRetries(this.#session, (letter) => letters.push(letter))
      return { readings, promoted: NOTHING_PROMOTED, letters, forgotten: [] }
    }
    await touchWaiting(this.#session, group)
    const parts = this.#parts(group, letters, links)
    const readings: SourceReading[] = []
    for (const source of prepared.programs.keys()) {
      const reading = await this.#read(parts, source, group)
      if (reading === null) return null
      readings.push(reading)
    }
    const forgotten = await this.#deletions.decide(group)
    const promoted = links.isNeeded ? await promoteAliases(this.#session, links) : NOTHING_PROMOTED
    return { readings, promoted, letters, forgotten }
  }

  #parts(group: Group, letters: DeadLetter[], links: Links): ReadParts {
    const { options, partitions, letterContext } = this.#session
    return {
      options,
      partitions,
      letters: letterContext,
      addDeadLetter: (letter) => letters.push(letter),
      onDelete: (source, deletion) => this.#deletions.note(source, deletion),
      onLink: links.isNeeded ? (source, link) => links.add(source, link) : null,
      mayGoOn: () => this.#fits(group),
    }
  }

  /** Whether the budget holds; promotion needs the rows of both identifiers at once, so it is never cut. */
  #fits(group: Group): boolean {
    const { options, partitions, prepared } = this.#session
    if (group.of >= PARTITIONS || new Links(prepared).isNeeded) return true
    return partitions.rows.byteLength <= (options.memoryBudgetBytes ?? DEFAULT_BUDGET_BYTES)
  }

  async #read(parts: ReadParts, source: string, group: Group): Promise<SourceReading | null> {
    const { prepared } = this.#session
    const saved = this.#saved.get(source) ?? null
    const from = this.startOf(source)
    const pass = group.of === 1 ? null : this.#passOf(source, group)
    const place = {
      source,
      from,
      keepLetters: saved === null || from !== null,
      pass,
      waiting: waitingRecords(this.#session, source),
      isWaitingTold: !prepared.history.has(source),
      limit: this.#decoded.get(source) ?? null,
    }
    const reading = await readSource(parts, prepared.programs.get(source)!, place).catch((error: unknown) => {
      const isGone = saved !== null && error instanceof SyncError && error.code === 'SOURCE_NOT_FOUND'
      if (isGone) this.#sourceEmpty(source)
      throw error
    })
    if (reading !== null && !this.#decoded.has(source)) this.#decoded.set(source, reading.decoded)
    if (reading !== null && reading.records === 0 && from === null && saved !== null) this.#sourceEmpty(source)
    return reading
  }

  #passOf(source: string, group: Group): FoldPass {
    let classes = this.#classes.get(source)
    if (classes === undefined) {
      classes = new RecordClasses()
      this.#classes.set(source, classes)
    }
    return {
      only: Uint8Array.from({ length: PARTITIONS }, (_, number) => (isIn(number, group) ? 1 : 0)),
      isFirst: group.number === 0,
      classes,
    }
  }

  /** After the last pass: every record's class, counted into its source's first reading. */
  addClasses(readings: readonly SourceReading[]): void {
    for (const [source, classes] of this.#classes) {
      const first = readings.find((reading) => reading.source === source)
      if (first !== undefined) classes.addTo(first.folder.totals)
    }
  }

  /** A source that once held records and holds none any more is a destructive surprise, not a typo. */
  #sourceEmpty(source: string): void {
    const { guards, allow } = this.#session.options
    if (guards.emptySource === 'allow' || allow.some((text) => text === 'empty_source' || text === `empty_source=${source}`)) return
    throw new SyncError('GUARD_EMPTY_SOURCE', `Source ${source} is empty, but it held records before`, {
      hint: `If that is meant, run again with --allow empty_source=${source}.`,
    })
  }
}

const DEFAULT_BUDGET_BYTES = 2 ** 30
