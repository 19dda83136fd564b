import { entryOf, PARTITIONS, RecordClasses } from '@engage-sync/core'
import type { DeadLetter, FoldPass, SourcePosition } from '@engage-sync/core'
import {
  AliasIndex,
  mergeAliases,
  NOTHING_MERGED,
  promotesAliases,
  SHARED_ALIAS,
} from '../aliases/index.ts'
import { unconfirmedEnds } from '../durable/index.ts'
import { covers } from '../partitions/index.ts'
import type { PassShard } from '../partitions/index.ts'
import { Deletions } from '../privacy/index.ts'
import { restoreRefused } from '../retry/index.ts'
import type { RetriedLetters } from '../retry/index.ts'
import type { Folded, SourceFoldInputs } from './fold-inputs.ts'
import { goneSource } from './gone-source.ts'
import { RangeFolder } from './range-folder.ts'
import type { RangePass, RecordListener, SourceReading } from './range-folder.ts'
import type { ReadRange } from './ranges.ts'
import { surveyAliases } from './survey-aliases.ts'
import type { AliasSurvey } from './survey-aliases.ts'

/** What concerns no user is worked on with this partition. */
const FIRST = 0

/** Folds the sources of a run: whole, or shard by shard when the rows do not fit the memory budget. */
export class SourceFold {
  readonly #inputs: SourceFoldInputs
  /** Class bits per record when there are several passes. */
  readonly #classes = new Map<ReadRange, RecordClasses>()
  /** Whether others work on the other partitions. */
  #isShared = false
  /** What the first pass read: later ones stop where it did. */
  readonly #first = new Map<ReadRange, SourceReading>()
  #deletions: Deletions
  /** What is known of aliases when they are joined in several passes; null while one may do. */
  #survey: AliasSurvey | null = null

  constructor(inputs: SourceFoldInputs) {
    this.#inputs = inputs
    this.#deletions = this.#noDeletions()
  }

  #noDeletions(): Deletions {
    const { mappings, onDelete, reading } = this.#inputs
    return new Deletions(mappings.programs, onDelete, reading.kind)
  }

  /** Everything this run reads, with how many records of it were decoded. */
  get ranges(): readonly (ReadRange & { readonly decoded: number })[] {
    return this.#allRanges.map((range) => ({
      ...range,
      decoded: this.#first.get(range)?.decoded ?? 0,
    }))
  }

  get #allRanges(): readonly ReadRange[] {
    return [...this.#inputs.ranges.values()].flat()
  }

  /** Where the new part of each source begins that does not begin at its beginning. */
  starts(): ReadonlyMap<string, SourcePosition> {
    return new Map(
      this.#allRanges.flatMap(({ source, from }) => (from === null ? [] : [[source, from]])),
    )
  }

  /** Whether a source is read from its beginning, be it for some mappings alone. */
  isReadWhole(source: string): boolean {
    return this.#inputs.ranges.get(source)?.[0]?.from === null
  }

  /** Forgets what earlier passes counted, before another cut. @param passes - how many there will be */
  async restart(passes: number): Promise<void> {
    this.#classes.clear()
    this.#first.clear()
    this.#deletions = this.#noDeletions()
    this.#inputs.retried?.restart()
    if (passes > 1 && this.#joinsAliases) this.#survey ??= await this.#surveyAliases()
  }

  /** Whether any records tell of aliases to be joined; a retry leaves that to runs. */
  get #joinsAliases(): boolean {
    const { reading, mappings } = this.#inputs
    return reading.kind.joinsAliases && promotesAliases(mappings.programs)
  }

  async #surveyAliases(): Promise<AliasSurvey> {
    const { reading, partitions, mappings, budgetBytes, reasons } = this.#inputs
    const index = new AliasIndex(mappings.programs)
    const survey = await surveyAliases({
      reading,
      partitions,
      index,
      budgetBytes,
      ranges: this.#allRanges,
    })
    for (let alias = 0; alias < survey.shared; alias++) reasons.add(...SHARED_ALIAS)
    return survey
  }

  /** Where reading ended, by source: the first time, since later ones stop there. */
  positionsOf(readings: readonly SourceReading[]): ReadonlyMap<string, SourcePosition> {
    const positions = new Map(this.#survey?.positions)
    for (const { source, position } of readings)
      if (position !== null && !positions.has(source)) positions.set(source, position)
    return positions
  }

  /** Folds one shard. Null when its rows do not fit the budget. */
  async fold(of: PassShard): Promise<Folded | null> {
    const { partitions, retried, deferred, mappings, reasons, handovers } = this.#inputs
    const shard = { only: this.#inputs.only, ...of }
    await this.#openPartitions(shard)
    const letters: DeadLetter[] = []
    const index = this.#joinsAliases ? new AliasIndex(mappings.programs) : null
    const withinBudget = () => this.#fits(shard, index)
    if (retried !== null && !(await this.#restoreRefused(retried, shard, withinBudget))) return null
    await deferred.touch(partitions, shard)
    const folder = new RangeFolder(this.#inputs.reading, partitions, {
      letters: this.#inputs.letters,
      listener: this.#listener(letters, index),
      deferred,
      held: this.#inputs.held ?? null,
      frozen: this.#inputs.frozen,
      withinBudget,
    })
    const readings = await this.#readSources(folder, shard)
    if (readings === null) return null
    const forgotten = await this.#deletions.decide(partitions, shard, reasons)
    const merged =
      index === null
        ? NOTHING_MERGED
        : await mergeAliases(partitions, mappings.program, { index, reasons, shard, handovers })
    return { readings, merged, letters, forgotten }
  }

  async #openPartitions(shard: PassShard): Promise<void> {
    const { partitions, mustOpen } = this.#inputs
    partitions.scope = this.#survey === null ? null : { shard, owners: this.#survey.owners }
    for (let number = 0; number < PARTITIONS; number++) {
      if (covers(number, shard) && mustOpen(number)) await partitions.open(number)
    }
  }

  #restoreRefused(
    retried: RetriedLetters,
    shard: PassShard,
    withinBudget: () => boolean,
  ): Promise<boolean> {
    const { partitions, mappings, reading } = this.#inputs
    return restoreRefused(
      retried,
      { partitions, outputs: mappings.program.outputs, shard },
      { signal: reading.signal, withinBudget },
    )
  }

  #listener(letters: DeadLetter[], index: AliasIndex | null): RecordListener {
    const { retried, reasons, onRead } = this.#inputs
    return {
      onRead,
      reasons,
      addDeadLetter: (letter) => letters.push(letter),
      onLeftOut: retried === null ? null : (payload) => retried.keep(payload),
      onDelete: (source, deletion) => this.#deletions.note(source, deletion),
      onLink: index === null ? null : (source, link) => index.add(source, link),
    }
  }

  /** Whether the budget holds; a pass over one partition cannot be cut. */
  #fits(shard: PassShard, index: AliasIndex | null): boolean {
    if (shard.of >= PARTITIONS) return true
    const aliases = (index?.byteLength ?? 0) + (this.#survey?.owners.byteLength ?? 0)
    return this.#inputs.partitions.rows.byteLength + aliases <= this.#inputs.budgetBytes
  }

  async #readSources(
    folder: RangeFolder,
    shard: PassShard,
  ): Promise<readonly SourceReading[] | null> {
    const readings: SourceReading[] = []
    for (const source of this.#inputs.ranges.keys()) {
      const ofSource = await this.#readSource(folder, source, shard)
      if (ofSource === null) return null
      readings.push(...ofSource)
    }
    return readings
  }

  async #readSource(
    folder: RangeFolder,
    source: string,
    shard: PassShard,
  ): Promise<readonly SourceReading[] | null> {
    const { saved, retried, ranges, refuseEmpty } = this.#inputs
    const hadRecords = retried === null && saved.has(source)
    const readings: SourceReading[] = []
    let records = 0
    for (const range of entryOf(ranges, source)) {
      const reading = await folder
        .fold(this.#passOver(range, shard, records))
        .catch((error: unknown) => {
          throw hadRecords ? goneSource(error) : error
        })
      if (reading === null) return null
      if (!this.#first.has(range)) this.#first.set(range, reading)
      readings.push(reading)
      records += reading.records
    }
    const isWhole = this.isReadWhole(source) || readings.some(({ goneAt }) => goneAt !== null)
    if (records === 0 && hadRecords && isWhole) refuseEmpty(source)
    return readings
  }

  #passOver(range: ReadRange, shard: PassShard, before: number): RangePass {
    const { source, kind, from } = range
    const { saved, mappings, unconfirmed } = this.#inputs
    const first = this.#first.get(range) ?? null
    return {
      range,
      before,
      keepsLetters:
        kind === 'letters' || kind === 'deferred' || !saved.has(source) || from !== null,
      pass: shard.of === 1 && shard.only === undefined ? null : this.#foldPass(range, shard),
      isDeferredTold: !mappings.history.has(source),
      ends: unconfirmedEnds(unconfirmed, range),
      limit: first?.decoded ?? this.#survey?.decoded.get(range) ?? null,
      first,
    }
  }

  #foldPass(range: ReadRange, shard: PassShard): FoldPass {
    this.#isShared = shard.only !== undefined
    let classes = this.#classes.get(range)
    if (classes === undefined) {
      classes = new RecordClasses()
      this.#classes.set(range, classes)
    }
    return {
      only: Uint8Array.from({ length: PARTITIONS }, (_, number) => (covers(number, shard) ? 1 : 0)),
      owners: this.#survey?.owners ?? null,
      isFirst: covers(FIRST, shard),
      classes,
    }
  }

  /** After the last pass: every record's class, counted into its range's first reading. */
  addClasses(): void {
    const { only } = this.#inputs
    for (const [range, classes] of this.#classes) {
      const totals = this.#first.get(range)?.folder.totals
      if (totals === undefined) continue
      if (only !== undefined)
        classes.addPartTo(totals, {
          isHistory: range.kind === 'history',
          isFirst: only.has(FIRST),
          waiting: range.deferred.length,
        })
      else if (this.#isShared) classes.addOwnTo(totals)
      else classes.addTo(totals)
    }
  }
}
