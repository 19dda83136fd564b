import type { CommitGroup, Lease, StateStore, Writer } from '@engage-sync/core'
import type { RawTables } from './damage.ts'

/** One state for a contract test, empty at first. */
export interface ContractState {
  /** Opens it once more, as another process would; makes it when it is missing. */
  readonly open: () => Promise<StateStore>
  readonly tables: RawTables
  readonly remove: () => Promise<void>
}

/** Makes a place for a state; called once a test. */
export type MakeState = () => Promise<ContractState>

/** How long a lease of these tests lasts, milliseconds: longer than any of them. */
export const TTL_MS = 60_000

/** The state of one test, with the store most of it happens through. */
export class OneState {
  readonly #makeState: MakeState
  #state!: ContractState
  #opened: StateStore[] = []
  store!: StateStore
  lease!: Lease

  constructor(makeState: MakeState) {
    this.#makeState = makeState
  }

  async begin(): Promise<void> {
    this.#state = await this.#makeState()
    this.#opened = []
    this.store = await this.open()
    this.lease = await this.store.acquireLease('the test', TTL_MS)
  }

  async end(): Promise<void> {
    for (const store of this.#opened) await store.close()
    await this.#state.remove()
  }

  async open(): Promise<StateStore> {
    const store = await this.#state.open()
    this.#opened.push(store)
    return store
  }

  /** The tables behind the store's back. */
  get tables(): RawTables {
    return this.#state.tables
  }

  get writer(): Writer {
    return { epoch: this.lease.epoch }
  }

  commit(group: Omit<CommitGroup, 'epoch'>): Promise<void> {
    return this.store.commit({ epoch: this.lease.epoch, ...group })
  }

  /** What another process would read now. */
  async elsewhere(): Promise<StateStore> {
    return await this.open()
  }
}
