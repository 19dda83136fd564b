import {
  allotColumns,
  buildProgram,
  compileSync,
  Folder,
  Layout,
  loadConfig,
  neededColumns,
  OpenRows,
  Partition,
} from '@engage-sync/core'
import type { FoldProgram } from '@engage-sync/core'
import type { RawChunk } from '@engage-sync/contract'
import { createRowDecoder } from '../src/index.ts'

const PROJECT =
  'version: 1\nenvironments:\n  local: { braze: { endpoint: simulator }, sources: { engage: { events: data } } }\n'
/** Twelve attributes, of every type a trait can have. */
const SYNC = `version: 1
source: engage
backfill: true
traits:
  last_product_viewed_item: last_product_viewed_item
  lifetime_value: { attribute: lifetime_value, type: number }
  loyalty_points: { attribute: loyalty_points, type: integer }
  loyalty_tier: loyalty_tier
  last_order_at: { attribute: last_order_at, type: time }
  favorite_categories: favorite_categories
  preferred_store: preferred_store
  is_subscriber: is_subscriber
audiences:
  dormant_shopper: dormant_shopper
  loyalty_vip: loyalty_vip
  points_expiring: points_expiring
  birthday_month: birthday_month
`

/** Compiles the twelve slots. */
export function twelveSlots(): FoldProgram {
  const { syncs, diagnostics } = loadConfig([
    { path: 'configs/engage-sync.yaml', text: PROJECT },
    { path: 'configs/twelve.yaml', text: SYNC },
  ])
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'))
  const compiled = syncs.map((sync) => compileSync(sync))
  return buildProgram(compiled, new Layout(allotColumns([], neededColumns(compiled))), new Map())
}

/** Rows in memory, and chunks folded into them. */
export class FoldRun {
  readonly #program: FoldProgram
  readonly #rows: OpenRows
  #folder: Folder

  constructor(program: FoldProgram) {
    this.#program = program
    this.#rows = new OpenRows(program.layout)
    this.#folder = this.#newFolder()
  }

  fold(chunk: RawChunk): void {
    let at = this.#folder.fold(chunk, 0)
    while (at < chunk.count) {
      this.#rows.open(new Partition(this.#folder.missing, this.#program.layout))
      at = this.#folder.fold(chunk, at)
    }
  }

  /** Takes what was folded as delivered, so that the next file is compared with it. */
  deliver(): void {
    for (const open of this.#rows.partitions) open?.startWindow()
    this.#folder = this.#newFolder()
  }

  /** Records by class since the last delivery. */
  get counts(): readonly number[] {
    return [...this.#folder.totals.records]
  }

  get users(): number {
    return this.#rows.partitions.reduce((sum, open) => sum + (open?.rows.rows ?? 0), 0)
  }

  get byteLength(): number {
    return this.#rows.byteLength
  }

  #newFolder(): Folder {
    return new Folder({
      program: this.#program,
      rows: this.#rows,
      decoder: createRowDecoder(this.#program.plan),
      listener: { recordRejected: () => {}, valueRejected: () => {} },
    })
  }
}
