import type {
  Destination,
  PackedRequest,
  RawChunk,
  RecordCounts,
  Sent,
  StreamSource,
} from '@engage-sync/core'
import { recordBytes } from '@engage-sync/core'
import type { WindowReport } from '../../engine/stream/index.ts'
import { answerText, userParts } from './bodies.ts'
import { entryOf } from './entry.ts'
import type { Entry, WatchedConfiguration, WatchedRequest } from './entry.ts'
import { Sampler } from './sampler.ts'
import { shownEntry } from './shown.ts'
import type { Viewer } from './viewer.ts'

/** Entries that are kept. */
const MOST_ENTRIES = 200
/** How long entries are kept after the last viewer has left, so that it may come again, milliseconds. */
const KEPT_MS = 30_000

/**
 * What somebody sees who looks at the server: some records, each from its arrival to what Braze
 * answered.
 *
 * Stands on both ends of the windows, at what they read and at what they send, and knows nothing of
 * what is between. Nothing is collected while nobody looks.
 */
export class Watch {
  readonly #now: () => number
  readonly #isOwn: (user: string) => boolean
  readonly #sampler: Sampler
  readonly #viewers = new Set<Viewer>()
  readonly #entries: Entry[] = []
  readonly #waiting = new Map<string, Set<Entry>>()
  #configuration: WatchedConfiguration | null = null
  #clearing: NodeJS.Timeout | undefined
  #seq = 0
  #ids = 0
  /** Records that came, and those that a window has passed. */
  #came = 0
  #committed = 0
  /** Sources that are being followed: where all begin anew, so does the count. */
  #followed = 0
  #left = { sampled: 0, anonymous: 0 }

  /**
   * @param now - milliseconds since the epoch
   * @param isOwn - whether an external id is this process's to work on: others' are not shown
   */
  constructor(now: () => number, isOwn: (user: string) => boolean = () => true) {
    this.#now = now
    this.#isOwn = isOwn
    this.#sampler = new Sampler(now)
  }

  get isWatched(): boolean {
    return this.#viewers.size > 0
  }

  /** How many look. */
  get viewers(): number {
    return this.#viewers.size
  }

  /** Records since somebody looks that are not shown, and why. */
  get left(): Readonly<{ sampled: number; anonymous: number }> {
    return this.#left
  }

  /** Mappings and segments there are. */
  get mappings(): readonly string[] {
    return [...(this.#configuration?.mappings.keys() ?? [])]
  }

  /** From now on records are looked at with this configuration. */
  configure(configuration: WatchedConfiguration): void {
    this.#configuration = configuration
  }

  /** Somebody looks; gets what was kept since it looked last. */
  add(viewer: Viewer): void {
    clearTimeout(this.#clearing)
    if (this.#entries.length === 0) this.#left = { sampled: 0, anonymous: 0 }
    this.#viewers.add(viewer)
    viewer.onLeave(() => this.#leave(viewer))
    for (const entry of this.#entries.toSorted((one, other) => one.seq - other.seq))
      if (entry.seq > viewer.wishes.lastSeq) this.#tellOne(viewer, entry)
  }

  /** Tells all who look. */
  tell(event: string, data: unknown): void {
    for (const viewer of this.#viewers) viewer.tell(event, data)
  }

  /** Nobody looks any more. */
  close(): void {
    clearTimeout(this.#clearing)
    for (const viewer of this.#viewers) viewer.end()
    this.#forget()
  }

  /** A source of which it is seen what is followed. */
  source(name: string, source: StreamSource): StreamSource {
    return { ...source, follow: (from, signal) => this.#follow(name, source.follow(from, signal)) }
  }

  /** A destination of which it is seen what is sent. */
  destination(destination: Destination): Destination {
    return { ...destination, send: (request, signal) => this.#send(destination, request, signal) }
  }

  /** A window was committed. */
  windowEnded({ records }: WindowReport, { counts, frozen }: WindowOutcome): void {
    this.#committed += records
    if (this.#entries.length === 0) return
    const became = onlyClass(counts)
    for (const entry of this.#entries) {
      if (entry.endedMs !== null || this.#isHeld(entry)) continue
      if (entry.ordinal >= this.#committed) {
        // Sent for an earlier record of the user.
        entry.requests.length = 0
        continue
      }
      entry.endedMs = this.#now()
      entry.became = became
      // Where it is not known what became of it alone, a guard may hold it.
      if (became === null) entry.heldBy = entry.mappings.filter((id) => frozen.has(id))
      this.#changed(entry)
    }
    for (const entry of this.#entries) this.#settle(entry)
  }

  /** Whether an earlier request of the user has no answer: until then, what came waits. */
  #isHeld({ users, requests, id }: Entry): boolean {
    if (requests.length > 0) return false
    return [...users].some((user) =>
      [...(this.#waiting.get(user) ?? [])].some((other) => other.id < id && isOpen(other)),
    )
  }

  async *#follow(name: string, chunks: AsyncIterable<RawChunk>): AsyncGenerator<RawChunk> {
    if (this.#followed++ === 0) this.#came = this.#committed
    try {
      for await (const chunk of chunks) {
        this.#arrived(name, chunk)
        yield chunk
      }
    } finally {
      this.#followed--
    }
  }

  #arrived(source: string, chunk: RawChunk): void {
    const first = this.#came
    this.#came += chunk.count + chunk.rejected.length
    if (!this.isWatched || this.#configuration === null) return
    const users = [...this.#viewers].map(({ wishes }) => wishes.user)
    for (let record = 0; record < chunk.count; record++) {
      const text = this.#sampler.take(recordBytes(chunk, record), users)
      if (text === null) this.#left.sampled++
      else this.#look({ source, text, cameMs: this.#now(), ordinal: first + record })
    }
  }

  #look(arrived: Parameters<typeof entryOf>[0]): void {
    if (this.#configuration === null) return
    const entry = entryOf(arrived, ++this.#ids, this.#configuration)
    if (entry === null) {
      this.#left.anonymous++
      return
    }
    if (![...entry.users].some((user) => this.#isOwn(user))) return
    this.#entries.push(entry)
    for (const user of entry.users) {
      const entries = this.#waiting.get(user) ?? new Set()
      this.#waiting.set(user, entries.add(entry))
    }
    if (this.#entries.length > MOST_ENTRIES) this.#drop(this.#entries.shift())
    this.#changed(entry)
  }

  async #send(
    destination: Destination,
    request: PackedRequest,
    signal: AbortSignal,
  ): Promise<Sent> {
    if (this.#waiting.size === 0) return await destination.send(request, signal)
    const sent = this.#sent(request)
    try {
      const answer = await destination.send(request, signal)
      for (const each of sent) this.#answered(each, (part) => answerText(answer.outcomes, part))
      return answer
    } catch (error) {
      const name = error instanceof Error ? error.name : 'error'
      for (const each of sent) this.#answered(each, () => `failed: ${name}`)
      throw error
    }
  }

  /** Notes a request at the entries of the users it is about. */
  #sent(request: PackedRequest): readonly SentOf[] {
    const parts = Map.groupBy(
      userParts(request).filter(({ user }) => this.#waiting.has(user)),
      ({ user }) => user,
    )
    return [...parts].flatMap(([user, own]) =>
      [...(this.#waiting.get(user) ?? [])].map((entry) => {
        const noted: WatchedRequest = {
          path: request.path,
          body: own.map(({ object }) => object),
          sentMs: this.#now(),
          answeredMs: null,
          answers: null,
        }
        entry.requests.push(noted)
        this.#changed(entry)
        return { entry, noted, parts: own.map(({ part }) => part) }
      }),
    )
  }

  #answered({ entry, noted, parts }: SentOf, textOf: (part: number | null) => string): void {
    noted.answeredMs = this.#now()
    noted.answers = parts.map(textOf)
    this.#changed(entry)
    this.#settle(entry)
  }

  #changed(entry: Entry): void {
    entry.seq = ++this.#seq
    for (const viewer of this.#viewers) this.#tellOne(viewer, entry)
  }

  #tellOne(viewer: Viewer, entry: Entry): void {
    const { user, showValues } = viewer.wishes
    if (this.#configuration === null || (user !== null && !entry.users.has(user))) return
    viewer.tell('entry', shownEntry(entry, this.#configuration, showValues), entry.seq)
  }

  #leave(viewer: Viewer): void {
    this.#viewers.delete(viewer)
    if (!this.isWatched) this.#clearing = setTimeout(() => this.#forget(), KEPT_MS).unref()
  }

  #forget(): void {
    this.#entries.length = 0
    this.#waiting.clear()
  }

  #drop(entry: Entry | undefined): void {
    if (entry === undefined) return
    for (const user of entry.users) {
      const entries = this.#waiting.get(user)
      entries?.delete(entry)
      if (entries?.size === 0) this.#waiting.delete(user)
    }
  }

  /** An entry whose window has ended and whose requests are answered gets no more of them. */
  #settle(entry: Entry): void {
    if (entry.endedMs !== null && !isOpen(entry)) this.#drop(entry)
  }
}

function isOpen({ requests }: Entry): boolean {
  return requests.some(({ answers }) => answers === null)
}

/** What came of a window. */
export interface WindowOutcome {
  /** Its records, by what became of them; those that a guard holds are in none. */
  readonly counts: RecordCounts
  /** Memberships that a guard holds. */
  readonly frozen: ReadonlySet<string>
}

interface SentOf {
  readonly entry: Entry
  readonly noted: WatchedRequest
  readonly parts: readonly (number | null)[]
}

/** What became of all records of a window, where it is the same of all. */
function onlyClass(counts: RecordCounts): string | null {
  const found = Object.entries(counts).filter(([name, count]) => name !== 'read' && count > 0)
  return found.length === 1 ? (found[0]?.[0] ?? null) : null
}
