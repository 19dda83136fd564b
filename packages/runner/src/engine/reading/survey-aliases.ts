import {
  ALIAS,
  AliasLinks,
  AliasOwners,
  chunkOf,
  EXTERNAL_ID,
  MERGED_COLUMN,
  partitionOfHash,
  PARTITIONS,
  readPartition,
  UserFinder,
  userHash,
  userKey,
} from '@engage-sync/core'
import type { DecodedRow, Partition, RawChunk, RowDecoder, SourcePosition, UserHash } from '@engage-sync/core'
import type { AliasIndex } from '../aliases/alias-index.ts'
import type { Session } from '../session.ts'
import type { ReadRange } from './ranges.ts'

/** What a first look at the sources says of aliases, and where it ended: the passes after it read as much. */
export interface AliasSurvey {
  readonly owners: AliasOwners
  /** Aliases that came with several external ids. */
  readonly shared: number
  /** How many records it decoded. */
  readonly decoded: ReadonlyMap<ReadRange, number>
  /** Where each source ended. */
  readonly positions: ReadonlyMap<string, SourcePosition>
}

/** What surveying needs. */
export interface SurveyParts {
  readonly session: Session
  readonly links: AliasIndex
  readonly budgetBytes: number
  /** Everything the run reads. */
  readonly stretches: readonly ReadRange[]
}

/**
 * Finds the aliases whose row this run merges into their user's, without folding anything: those the records name
 * together with a user, if they have a row, and those promoted earlier that the records name alone.
 *
 * Reads the sources once; more often, each time for some of the aliases, while what there is to know of them exceeds
 * half the budget.
 */
export async function surveyAliases(parts: SurveyParts): Promise<AliasSurvey> {
  for (let of = 1; ; of *= 2) {
    const survey = await new Survey(parts, of).run()
    if (survey !== null) return survey
  }
}

class Survey {
  readonly #parts: SurveyParts
  readonly #of: number
  readonly #owners = new AliasOwners()
  readonly #decoded = new Map<ReadRange, number>()
  readonly #positions = new Map<string, SourcePosition>()
  #links = new AliasLinks()
  #turn = 0
  #shared = 0

  /** @param of - how many parts the aliases are looked at in */
  constructor(parts: SurveyParts, of: number) {
    this.#parts = parts
    this.#of = of
  }

  /** Null when there is too much to know at once. */
  async run(): Promise<AliasSurvey | null> {
    for (this.#turn = 0; this.#turn < this.#of; this.#turn++) {
      this.#links = new AliasLinks()
      for (const stretch of this.#parts.stretches) if (!(await this.#read(stretch))) return null
      for (const number of this.#links.partitions) await this.#askState(number)
      this.#shared += this.#links.addTo(this.#owners)
    }
    return { owners: this.#owners, shared: this.#shared, decoded: this.#decoded, positions: this.#positions }
  }

  async #read(stretch: ReadRange): Promise<boolean> {
    const { session } = this.#parts
    const { source, program, kind, waiting } = stretch
    const { options, rows } = session
    const reader: Reader = { source, finder: new UserFinder(program.plan.identities, rows), decoder: options.createDecoder(program.plan) }
    reader.finder.onlyUsers = options.onlyUsers
    if (waiting.length > 0) this.#lookAt(reader, chunkOf(waiting, 'waiting'))
    const limit = this.#decoded.get(stretch) ?? Infinity
    let decoded = 0
    const chunks = stretch.read(options.signal)
    for await (const chunk of options.decodeAhead?.(chunks, program.plan) ?? chunks) {
      if (decoded >= limit && chunk.count > 0) break
      const count = Math.min(chunk.count, limit - decoded)
      this.#lookAt(reader, count === chunk.count ? chunk : { ...chunk, count })
      decoded += count
      if (limit === Infinity && kind === 'new' && chunk.position !== null) this.#positions.set(source, chunk.position)
      if (!this.#fits()) return false
    }
    this.#decoded.set(stretch, decoded)
    return true
  }

  #fits(): boolean {
    return this.#of >= PARTITIONS || this.#links.byteLength <= this.#parts.budgetBytes / 2
  }

  #lookAt(reader: Reader, { bytes, spans, count, rows }: RawChunk): void {
    for (let record = 0; record < count; record++) {
      const row = rows === undefined ? reader.decoder.decode(bytes, spans[record * 2], spans[record * 2 + 1]) : rows.at(record)
      if (row.status === 'changes') this.#note(reader, row)
    }
  }

  #note({ source, finder }: Reader, row: DecodedRow): void {
    for (let identity = 0; identity < finder.rows.length; identity++) {
      if (row.aliasStart[identity] < 0) continue
      const named = finder.keyOf(row, identity)!
      if (!finder.isWanted(named)) continue
      const user = userHash(named)
      if (named.kind === ALIAS) {
        if (this.#isMine(user)) this.#links.name(user)
      } else if (this.#parts.links.promotes(source, identity)) {
        const alias = userHash(finder.aliasOf(row, identity)!)
        if (this.#isMine(alias)) this.#links.link(alias, { ...user, time: row.time })
      }
    }
  }

  #isMine({ low }: UserHash): boolean {
    return partitionOfHash(low) % this.#of === this.#turn
  }

  /** Which of the aliases have rows, and which were promoted. */
  async #askState(number: number): Promise<void> {
    const { session } = this.#parts
    const { layout } = session.rows
    const rows = readPartition(number, layout, await session.options.store.loadPartition(number))
    const column = layout.find(MERGED_COLUMN)!.number
    for (let row = 0; row < rows.rows; row++) {
      if (rows.kindOf(row) === ALIAS) this.#links.hold(userHash(rows.keyOf(row)), mergedInto(rows, row, column))
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
