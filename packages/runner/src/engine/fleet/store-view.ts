import type {
  Admission,
  Beat,
  CommitGroup,
  DeadLetter,
  DeadLetterFilter,
  DeadLetterPage,
  Fleet,
  Json,
  Lease,
  MappingRecord,
  Mark,
  Membership,
  PartitionImage,
  PartitionPosition,
  RunRecord,
  SharedChange,
  SourcePosition,
  StateInfo,
  StateStore,
  WorkerCard,
  Writer,
} from '@engage-sync/core'

/** A state as another one shows it: all is passed on, but for what is overridden. */
export class StoreView implements StateStore {
  readonly info: StateInfo
  protected readonly store: StateStore

  constructor(store: StateStore) {
    this.store = store
    this.info = store.info
  }

  acquireLease(owner: string, ttlMs: number): Promise<Lease> {
    return this.store.acquireLease(owner, ttlMs)
  }

  renewLease(lease: Lease, ttlMs: number): Promise<Lease> {
    return this.store.renewLease(lease, ttlMs)
  }

  releaseLease(lease: Lease): Promise<void> {
    return this.store.releaseLease(lease)
  }

  currentLease(): Promise<Lease | null> {
    return this.store.currentLease()
  }

  breakLease(): Promise<void> {
    return this.store.breakLease()
  }

  join(card: WorkerCard, ttlMs: number): Promise<Membership> {
    return this.store.join(card, ttlMs)
  }

  admit(card: Omit<WorkerCard, 'demand'>, admission: Admission): Promise<Membership> {
    return this.store.admit(card, admission)
  }

  beat(member: Membership, ttlMs: number, newest?: string): Promise<Beat> {
    return this.store.beat(member, ttlMs, newest)
  }

  claim(member: Membership, most: number): Promise<readonly number[]> {
    return this.store.claim(member, most)
  }

  release(member: Membership, partitions: readonly number[]): Promise<void> {
    return this.store.release(member, partitions)
  }

  leave(member: Membership): Promise<void> {
    return this.store.leave(member)
  }

  bury(member: Required<Writer>): Promise<void> {
    return this.store.bury(member)
  }

  fleet(): Promise<Fleet> {
    return this.store.fleet()
  }

  changeValue<Result>(
    member: Required<Writer>,
    key: string,
    change: SharedChange<Result>,
  ): Promise<Result> {
    return this.store.changeValue(member, key, change)
  }

  sizes(): ReturnType<StateStore['sizes']> {
    return this.store.sizes()
  }

  loadPartition(partition: number): Promise<PartitionImage> {
    return this.store.loadPartition(partition)
  }

  openMarks(): Promise<readonly Mark[]> {
    return this.store.openMarks()
  }

  positions(): Promise<ReadonlyMap<string, SourcePosition>> {
    return this.store.positions()
  }

  partitionPositions(): Promise<readonly PartitionPosition[]> {
    return this.store.partitionPositions()
  }

  mappings(): Promise<readonly MappingRecord[]> {
    return this.store.mappings()
  }

  values(prefix: string): Promise<ReadonlyMap<string, Json>> {
    return this.store.values(prefix)
  }

  nextRunNumber(): Promise<number> {
    return this.store.nextRunNumber()
  }

  allotRun(): Promise<number> {
    return this.store.allotRun()
  }

  runs(limit: number): Promise<readonly RunRecord[]> {
    return this.store.runs(limit)
  }

  deadLetters(page: DeadLetterPage): Promise<readonly DeadLetter[]> {
    return this.store.deadLetters(page)
  }

  countDeadLetters(filter: DeadLetterFilter): Promise<number> {
    return this.store.countDeadLetters(filter)
  }

  expireDeadLetters(writer: Writer, nowMs: number): Promise<number> {
    return this.store.expireDeadLetters(writer, nowMs)
  }

  commit(group: CommitGroup): Promise<void> {
    return this.store.commit(group)
  }

  verify(): Promise<void> {
    return this.store.verify()
  }

  check(): Promise<readonly string[]> {
    return this.store.check()
  }

  purge(): Promise<boolean> {
    return this.store.purge()
  }

  close(): Promise<void> {
    return this.store.close()
  }
}
