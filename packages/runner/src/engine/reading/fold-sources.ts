import { PARTITIONS, RecordClasses, SyncError } from '@engage-sync/core'
import type { DeadLetter, FoldPass, SourcePosition } from '@engage-sync/core'
import { unconfirmedEnds } from '../durable/unconfirmed-sends.ts'
import { covers } from '../partitions/pass-shard.ts'
import type { PassShard } from '../partitions/pass-shard.ts'
import { AliasIndex } from '../aliases/alias-index.ts'
import { NOTHING_MERGED, mergeAliases, SHARED_ALIAS } from '../aliases/merge-rows.ts'
import type { AliasMerges } from '../aliases/merge-rows.ts'
import { Deletions } from '../privacy/deletions.ts'
import type { ForgottenUser } from '../privacy/deletions.ts'
import { foldRange } from './fold-range.ts'
import type { ReadParts, ReadPlace, SourceReading } from './fold-range.ts'
import { restoreRefused } from '../retry/restore-refused.ts'
import type { Session } from '../session.ts'
import { rangesOf } from './ranges.ts'
import type { ReadRange } from './ranges.ts'
import { surveyAliases } from './survey-aliases.ts'
import type { AliasSurvey } from './survey-aliases.ts'
import { touchDeferred } from '../deferred/load.ts'

/** What one pass over the sources gave. */
export interface Folded {
  readonly readings: readonly SourceReading[]
  readonly promoted: AliasMerges
  readonly letters: readonly DeadLetter[]
  readonly forgotten: readonly ForgottenUser[]
}

/** Folds the sources of a run: whole, or group by group when the rows do not fit the memory budget. */
export class SourceFold {
  readonly #session: Session
  readonly #saved: ReadonlyMap<string, SourcePosition>
  /** By source. */
  readonly #stretches: ReadonlyMap<string, readonly ReadRange[]>
  /** Class bits per record when there are several passes. */
  readonly #classes = new Map<ReadRange, RecordClasses>()
  /** What the first pass read: later ones stop where it did. */
  readonly #first = new Map<ReadRange, SourceReading>()
  #deletions: Deletions
  /** What is known of aliases when they are joined in several passes; null while one may do. */
  #survey: AliasSurvey | null = null

  constructor(session: Session, saved: ReadonlyMap<string, SourcePosition>) {
    this.#session = session
    this.#saved = saved
    this.#stretches = new Map(
      [...session.prepared.programs.keys()].map((source) => [source, rangesOf(session, source, saved.get(source) ?? null)]),
    )
    this.#deletions = new Deletions(session)
  }

  /** Everything this run reads, with how many records of it were decoded. */
  get stretches(): readonly { readonly stretch: ReadRange; readonly decoded: number }[] {
    return [...this.#stretches.values()].flat().map((stretch) => ({ stretch, decoded: this.#first.get(stretch)?.decoded ?? 0 }))
  }

  /** Where the new part of each source begins that does not begin at its beginning. */
  starts(): ReadonlyMap<string, SourcePosition> {
    const starts = new Map<string, SourcePosition>()
    for (const [source, stretches] of this.#stretches) for (const { from } of stretches) if (from !== null) starts.set(source, from)
    return starts
  }

  /** Whether a source is read from its beginning, be it for some mappings alone. */
  isReadWhole(source: string): boolean {
    return this.#stretches.get(source)?.[0].from === null
  }

  /** Forgets what earlier passes counted, before another cut. @param passes - how many there will be */
  async restart(passes: number): Promise<void> {
    this.#classes.clear()
    this.#first.clear()
    this.#deletions = new Deletions(this.#session)
    this.#session.retry?.restart()
    const links = this.#links()
    if (passes > 1 && links !== null) this.#survey ??= await this.#surveyAliases(links)
  }

  async #surveyAliases(links: AliasIndex): Promise<AliasSurvey> {
    const stretches = [...this.#stretches.values()].flat()
    const survey = await surveyAliases({ session: this.#session, links, budgetBytes: this.#budgetBytes, stretches })
    for (let alias = 0; alias < survey.shared; alias++) this.#session.reasons.add(...SHARED_ALIAS)
    return survey
  }

  /** Where reading ended, by source: the first time, since later ones stop there. */
  positionsOf(readings: readonly SourceReading[]): ReadonlyMap<string, SourcePosition> {
    const positions = new Map(this.#survey?.positions)
    for (const { source, position } of readings) if (position !== null && !positions.has(source)) positions.set(source, position)
    return positions
  }

  /** Folds one group. Null when its rows do not fit the budget. */
  async fold(group: PassShard): Promise<Folded | null> {
    const { prepared, partitions, preparations, retry } = this.#session
    partitions.scope = this.#survey === null ? null : { group, owners: this.#survey.owners }
    for (let number = 0; number < PARTITIONS; number++) {
      if (covers(number, group) && preparations.mustOpen(number)) await partitions.open(number)
    }
    const letters: DeadLetter[] = []
    const links = this.#links()
    const parts = this.#parts(group, letters, links)
    if (retry !== null && !(await restoreRefused(this.#session, retry, { group, withinBudget: parts.withinBudget }))) return null
    await touchDeferred(this.#session, group)
    const readings: SourceReading[] = []
    for (const source of prepared.programs.keys()) {
      const ofSource = await this.#readSource(parts, source, group)
      if (ofSource === null) return null
      readings.push(...ofSource)
    }
    const forgotten = await this.#deletions.decide(group)
    const promoted = links !== null ? await mergeAliases(this.#session, links) : NOTHING_MERGED
    return { readings, promoted, letters, forgotten }
  }

  /** What this run learns of aliases; null where none is to be joined, and in a retry, which leaves that to runs. */
  #links(): AliasIndex | null {
    const { retry, prepared } = this.#session
    if (retry !== null) return null
    const links = new AliasIndex(prepared)
    return links.isNeeded ? links : null
  }

  #parts(group: PassShard, letters: DeadLetter[], links: AliasIndex | null): ReadParts {
    const { options, partitions, letterContext, reasons, retry } = this.#session
    return {
      options,
      partitions,
      letters: letterContext,
      reasons,
      addDeadLetter: (letter) => letters.push(letter),
      onLeftOut: retry === null ? null : (payload) => retry.keep(payload),
      onDelete: (source, deletion) => this.#deletions.note(source, deletion),
      onLink: links === null ? null : (source, link) => links.add(source, link),
      withinBudget: () => this.#fits(group, links),
    }
  }

  /** Whether the budget holds; a pass over one partition cannot be cut. */
  #fits(group: PassShard, links: AliasIndex | null): boolean {
    if (group.of >= PARTITIONS) return true
    const aliases = (links?.byteLength ?? 0) + (this.#survey?.owners.byteLength ?? 0)
    return this.#session.partitions.rows.byteLength + aliases <= this.#budgetBytes
  }

  get #budgetBytes(): number {
    return this.#session.options.memoryBudgetBytes ?? DEFAULT_BUDGET_BYTES
  }

  async #readSource(parts: ReadParts, source: string, group: PassShard): Promise<readonly SourceReading[] | null> {
    const hadRecords = this.#session.retry === null && this.#saved.has(source)
    const readings: SourceReading[] = []
    let records = 0
    for (const stretch of this.#stretches.get(source)!) {
      const reading = await foldRange(parts, this.#placeOf(stretch, group, records)).catch((error: unknown) => {
        const isGone = hadRecords && error instanceof SyncError && error.code === 'SOURCE_NOT_FOUND'
        if (isGone) this.#sourceEmpty(source)
        throw error
      })
      if (reading === null) return null
      if (!this.#first.has(stretch)) this.#first.set(stretch, reading)
      readings.push(reading)
      records += reading.records
    }
    const isWhole = this.isReadWhole(source) || readings.some(({ goneAt }) => goneAt !== null)
    if (records === 0 && hadRecords && isWhole) this.#sourceEmpty(source)
    return readings
  }

  #placeOf(stretch: ReadRange, group: PassShard, before: number): ReadPlace {
    const { source, kind, from } = stretch
    return {
      stretch,
      before,
      keepLetters: kind === 'letters' || kind === 'waiting' || !this.#saved.has(source) || from !== null,
      pass: group.of === 1 ? null : this.#passOf(stretch, group),
      isWaitingTold: !this.#session.prepared.history.has(source),
      ends: unconfirmedEnds(this.#session.doubt, stretch),
      limit: this.#first.get(stretch)?.decoded ?? this.#survey?.decoded.get(stretch) ?? null,
      first: this.#first.get(stretch) ?? null,
    }
  }

  #passOf(stretch: ReadRange, group: PassShard): FoldPass {
    let classes = this.#classes.get(stretch)
    if (classes === undefined) {
      classes = new RecordClasses()
      this.#classes.set(stretch, classes)
    }
    return {
      only: Uint8Array.from({ length: PARTITIONS }, (_, number) => (covers(number, group) ? 1 : 0)),
      owners: this.#survey?.owners ?? null,
      isFirst: group.number === 0,
      classes,
    }
  }

  /** After the last pass: every record's class, counted into its stretch's first reading. */
  addClasses(): void {
    for (const [stretch, classes] of this.#classes) {
      const first = this.#first.get(stretch)
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

const DEFAULT_BUDGET_BYTES = 1e9
