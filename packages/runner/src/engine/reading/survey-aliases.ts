import {
  ALIAS,
  AliasLinks,
  AliasOwners,
  chunkOf,
  EXTERNAL_ID,
  MERGED_COLUMN,
  partitionOfHash,
  PARTITIONS,
  rowOf,
  UserFinder,
  userHash,
  userKey,
} from '@engage-sync/core'
import type {
  DecodedRow,
  Partition,
  RawChunk,
  RowDecoder,
  SourcePosition,
  UserHash,
} from '@engage-sync/core'
import type { AliasIndex } from '../aliases/index.ts'
import type { Partitions } from '../partitions/index.ts'
import { chunksOf } from './range-folder.ts'
import type { RecordReading } from './range-folder.ts'
import type { ReadRange } from './ranges.ts'

/**
 * What a first look at the sources says of aliases, and where it ended: the passes after it read as
 * much.
 */
export interface AliasSurvey {
  readonly owners: AliasOwners
  /** Aliases that came with several external ids. */
  readonly shared: number
  /** How many records it decoded. */
  readonly decoded: ReadonlyMap<ReadRange, number>
  /** Where each source ended. */
  readonly positions: ReadonlyMap<string, SourcePosition>
}

/** What is surveyed, and how much may be known of it at once. */
export interface SurveyedAliases {
  readonly reading: RecordReading
  readonly partitions: Partitions
  readonly index: AliasIndex
  readonly budgetBytes: number
  /** Everything the run reads. */
  readonly ranges: readonly ReadRange[]
}

/**
 * Finds the aliases whose row this run merges into their user's, without folding anything: those
 * the records name together with a user, if they have a row, and those promoted earlier that the
 * records name alone.
 *
 * Reads the sources once; more often, each time for some of the aliases, while what there is to
 * know of them exceeds half the budget.
 */
export async function surveyAliases(aliases: SurveyedAliases): Promise<AliasSurvey> {
  for (let of = 1; ; of *= 2) {
    const survey = await new Survey(aliases, of).run()
    if (survey !== null) return survey
  }
}

class Survey {
  readonly #aliases: SurveyedAliases
  readonly #of: number
  readonly #owners = new AliasOwners()
  readonly #decoded = new Map<ReadRange, number>()
  readonly #positions = new Map<string, SourcePosition>()
  #links = new AliasLinks()
  #turn = 0
  #shared = 0

  /** @param of - how many parts the aliases are looked at in */
  constructor(aliases: SurveyedAliases, of: number) {
    this.#aliases = aliases
    this.#of = of
  }

  /** Null when there is too much to know at once. */
  async run(): Promise<AliasSurvey | null> {
    for (this.#turn = 0; this.#turn < this.#of; this.#turn++) {
      this.#links = new AliasLinks()
      for (const range of this.#aliases.ranges) if (!(await this.#read(range))) return null
      for (const number of this.#links.partitions) await this.#askState(number)
      this.#shared += this.#links.addTo(this.#owners)
    }
    return {
      owners: this.#owners,
      shared: this.#shared,
      decoded: this.#decoded,
      positions: this.#positions,
    }
  }

  async #read(range: ReadRange): Promise<boolean> {
    const { reading } = this.#aliases
    const reader = this.#readerOf(range)
    if (range.deferred.length > 0) this.#lookAt(reader, chunkOf(range.deferred, 'waiting'))
    const limit = this.#decoded.get(range) ?? Infinity
    let decoded = 0
    for await (const chunk of chunksOf(reading, range)) {
      if (decoded >= limit && chunk.count > 0) break
      const count = Math.min(chunk.count, limit - decoded)
      this.#lookAt(reader, count === chunk.count ? chunk : { ...chunk, count })
      decoded += count
      if (limit === Infinity && range.kind === 'new' && chunk.position !== null)
        this.#positions.set(range.source, chunk.position)
      if (!this.#fits()) return false
    }
    this.#decoded.set(range, decoded)
    return true
  }

  #readerOf({ source, program }: ReadRange): Reader {
    const { reading, partitions } = this.#aliases
    const finder = new UserFinder(program.plan.identities, partitions.rows)
    finder.onlyUsers = reading.kind.onlyUsers
    return { source, finder, decoder: reading.createDecoder(program.plan) }
  }

  #fits(): boolean {
    return this.#of >= PARTITIONS || this.#links.byteLength <= this.#aliases.budgetBytes / 2
  }

  #lookAt(reader: Reader, chunk: RawChunk): void {
    for (let record = 0; record < chunk.count; record++) {
      const row = rowOf(reader.decoder, chunk, record)
      if (row.status === 'changes') this.#note(reader, row)
    }
  }

  #note({ source, finder }: Reader, row: DecodedRow): void {
    for (let identity = 0; identity < finder.rows.length; identity++) {
      if ((row.aliasStart[identity] ?? -1) < 0) continue
      const named = finder.keyOf(row, identity)
      if (named === null || !finder.isWanted(named)) continue
      const user = userHash(named)
      if (named.kind === ALIAS) {
        if (this.#isMine(user)) this.#links.name(user)
      } else if (this.#aliases.index.promotes(source, identity)) {
        const key = finder.aliasOf(row, identity)
        const alias = key === null ? null : userHash(key)
        if (alias !== null && this.#isMine(alias))
          this.#links.link(alias, { ...user, time: row.time })
      }
    }
  }

  #isMine({ low }: UserHash): boolean {
    return partitionOfHash(low) % this.#of === this.#turn
  }

  /** Which of the aliases have rows, and which were promoted. */
  async #askState(number: number): Promise<void> {
    const { partitions } = this.#aliases
    const { layout } = partitions.rows
    const rows = await partitions.stored(number)
    const column = layout.numberOf(MERGED_COLUMN)
    for (let row = 0; row < rows.rows; row++) {
      if (rows.kindOf(row) === ALIAS)
        this.#links.hold(userHash(rows.keyOf(row)), mergedInto(rows, row, column))
    }
  }
}

interface Reader {
  readonly source: string
  readonly finder: UserFinder
  readonly decoder: RowDecoder
}

/** Low half of the hash of the user an alias was merged into; null when it was not. */
function mergedInto(rows: Partition, row: number, column: number): number | null {
  if (!rows.flags.isMerged(row)) return null
  return userHash(userKey(EXTERNAL_ID, rows.storedTexts.get(row, column) ?? '')).low
}
