import type { Cause, GuardStop, Json, SourcePosition, StateStore } from '@engage-sync/core'
import { causeOf, INTERRUPTED } from '../../process/cause.ts'
import { partAnswers, partProgress, partWord } from '../../state/values/part-values.ts'
import type {
  PartAnswer,
  PartCall,
  PartProgress,
  PartWord,
} from '../../state/values/part-values.ts'
import { isOwnerGone, sleep } from '../durable/index.ts'
import type { Member } from '../fleet/index.ts'
import type { EngineEvent, PartEnd, PartPlan } from '../request/index.ts'
import { isReadTo } from './join-plans.ts'
import type { Ends } from './join-plans.ts'
import { errorOf, leaderGone } from './part-errors.ts'
import { partitionsOf } from './partitions-of.ts'
import type { Seat } from './partitions-of.ts'
import { storedPlan } from './stored-plan.ts'

/** How often it is looked what is said, milliseconds. */
const LOOK_MS = 100
/** How often it is told how far a part is, and looked whether the run is still led, milliseconds. */
const TELL_MS = 1000

/** The sources are to be read once more, up to the same place by all. */
export class ReadAgain extends Error {
  readonly to: Ends
  constructor(to: Ends) {
    super('Read again')
    this.to = to
  }
}

/** What a part and whoever leads its run tell each other, through the state. */
export class PartTalk {
  readonly #store: StateStore
  readonly #call: PartCall
  readonly #seat: Seat
  readonly #member: Member
  readonly #stop = new AbortController()
  readonly #halted = new AbortController()
  readonly #loop: Promise<void>
  #turn = 0
  /** Whether the others were let go before this one began. */
  #isLate = false
  #word: PartWord | null = null
  #progress: PartProgress
  #isTold = true
  #end: Json = null
  /** What ended the whole run, where that is why this part is to end. */
  #why: Cause | null = null

  constructor(
    store: StateStore,
    of: { readonly call: PartCall; readonly seat: Seat; readonly member: Member },
  ) {
    this.#store = store
    this.#call = of.call
    this.#seat = of.seat
    this.#member = of.member
    this.#progress = {
      run: of.call.run,
      read: {},
      requests: 0,
      updates: 0,
      dataPoints: 0,
      changes: 0,
    }
    this.#loop = this.#listen()
  }

  /** What was said before it joined: somebody else did its part, and was killed. */
  async catchUp(): Promise<Ends | null> {
    const word = await partWord.read(this.#store)
    if (word?.run !== this.#call.run) return null
    this.#turn = word.turn
    this.#isLate = word.step === 'go'
    if (word.step === 'go') return endsOf((word.told as { readonly ends: Json }).ends)
    return word.step === 'again' ? endsOf(word.told) : null
  }

  /** Aborted once it is to end, or nobody leads the run any more. */
  get halted(): AbortSignal {
    return this.#halted.signal
  }

  /** Notes how far it is. */
  readonly observe = (event: EngineEvent): void => {
    if (event.type === 'read') {
      const read = { ...this.#progress.read, [event.source]: event.records }
      this.#progress = { ...this.#progress, read }
    } else if (event.type === 'sent') {
      const { requests, updates, dataPoints, changes } = event
      this.#progress = { ...this.#progress, requests, updates, dataPoints, changes }
    } else return
    this.#isTold = false
  }

  /** Tells what would be done, and waits until all is judged. @throws {ReadAgain} */
  async judged(plan: PartPlan, signal: AbortSignal): Promise<readonly GuardStop[]> {
    for (;;) {
      if (!this.#isLate) this.#turn++
      await this.answer('planned', storedPlan(plan))
      const { step, told } = await this.#hear((word) => this.#isFor(word), signal)
      if (step === 'go') return []
      if (step === 'stop') return told as unknown as readonly GuardStop[]
      const to = endsOf(told)
      if (!isReadTo(plan, to)) throw new ReadAgain(to)
    }
  }

  /** Tells how it ended, and waits until it is known whether the sources go on. */
  async ended(end: PartEnd, signal: AbortSignal): Promise<boolean> {
    const failure = end.failure === null ? null : causeOf(end.failure)
    this.#end = { ...end, failure } as unknown as Json
    await this.answer('ended', this.#end)
    if (!end.goesOn) return false
    const said = await this.#hear(({ step }) => step === 'end', signal).catch(() => null)
    return said?.told === true
  }

  /** Tells that all it had is durable. */
  closed(): Promise<void> {
    return this.answer('closed', this.#end)
  }

  async answer(step: PartAnswer['step'], told: Json): Promise<void> {
    const { worker } = this.#member.membership
    const answer = { run: this.#call.run, worker, turn: this.#turn, step, told }
    await this.#commit(partAnswers.stored(String(this.#seat.number), answer))
  }

  /** What ended the part: where it was asked to end, what the whole run ended with. */
  reasonOf(failure: unknown): unknown {
    const isAsked = failure !== null && causeOf(failure).code === INTERRUPTED.code
    return isAsked && this.#why !== null ? errorOf(this.#why) : failure
  }

  /** Listens no more. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  /** Whether a word is about what this part planned. */
  #isFor({ turn, step, told }: PartWord): boolean {
    if (!this.#isLate) return turn === this.#turn
    const { worker } = this.#member.membership
    return step === 'go' && (told as { readonly again: readonly string[] }).again.includes(worker)
  }

  /** Waits for a word. @throws the reason of a signal: there is nobody to wait for, or no time */
  async #hear(isMeant: (word: PartWord) => boolean, signal: AbortSignal): Promise<PartWord> {
    const until = AbortSignal.any([signal, this.halted])
    for (;;) {
      until.throwIfAborted()
      const word = this.#word
      if (word !== null && word.step !== 'halt' && isMeant(word)) return word
      await sleep(LOOK_MS, until)
    }
  }

  async #listen(): Promise<void> {
    let lookedAt = performance.now()
    while (!this.#stop.signal.aborted) {
      try {
        const word = await partWord.read(this.#store)
        if (word?.run === this.#call.run) this.#take(word)
        if (performance.now() - lookedAt >= TELL_MS) {
          lookedAt = performance.now()
          await this.#lookAround()
        }
      } catch {
        // A state that is away for a moment says nothing; whether it is away for long, the beats know.
      }
      await sleep(LOOK_MS, this.#stop.signal)
    }
  }

  #take(word: PartWord): void {
    this.#word = word
    if (word.step === 'halt') this.#halt(word.told as unknown as Cause | null)
  }

  async #lookAround(): Promise<void> {
    const lease = await this.#store.currentLease()
    if (lease?.epoch !== this.#call.epoch || isOwnerGone(lease.owner))
      this.#halt(causeOf(leaderGone()))
    if (this.#isTold) return
    this.#isTold = true
    await this.#commit(partProgress.stored(String(this.#seat.number), this.#progress))
  }

  #halt(why: Cause | null): void {
    this.#why ??= why
    this.#halted.abort(new DOMException('The run is to end', 'AbortError'))
  }

  async #commit(value: ReturnType<typeof partAnswers.stored>): Promise<void> {
    const { worker, epoch } = this.#member.membership
    const [home] = partitionsOf(this.#seat)
    await this.#store.commit({ worker, epoch, values: [{ ...value, partition: home! }] })
  }
}

function endsOf(told: Json): Ends {
  return new Map(Object.entries(told as Record<string, SourcePosition | null>))
}
