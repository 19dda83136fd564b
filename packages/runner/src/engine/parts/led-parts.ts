import type { Cause, Json } from '@engage-sync/core'
import { causeOf, INTERRUPTED } from '../../process/cause.ts'
import {
  partAnswers,
  partCall,
  partProgress,
  PARTS,
  partWord,
} from '../../state/values/part-values.ts'
import type { PartAnswer, PartCall, PartWord } from '../../state/values/part-values.ts'
import { isOwnerGone, sleep } from '../durable/index.ts'
import type { HeldLease } from '../durable/index.ts'
import type { EngineOptions } from '../request/index.ts'
import { errorOf, PartLostError, partsMissing } from './part-errors.ts'

/** How often it is looked what parts tell, milliseconds. */
const LOOK_MS = 100
/** Rounds of looking after which it is looked who is there, and how far. */
const ROUNDS = 5
/** Parts that end get this long for what is under way, milliseconds. */
const PATIENCE_MS = 20_000

/** Who does the parts that are started here. */
export interface Crew {
  /** How many parts the run has. */
  readonly of: number
  /** Starts those that are done here. */
  start(run: number): void
  /** Numbers of the parts whose process ended, of those that were started here. */
  readonly ended: ReadonlySet<number>
  /** Asks all that were started to end, and waits until they have. */
  end(): Promise<void>
}

/** What of a run whoever leads its parts has at hand. */
export interface Led extends Pick<EngineOptions, 'store' | 'signal' | 'observe'> {
  readonly lease: HeldLease
  readonly crew: Crew
  /** How long is waited for parts to join, milliseconds. */
  readonly joinMs: number
}

/** The parts of a run as whoever leads it sees them. */
export class LedParts {
  readonly #led: Led
  #call: PartCall | null = null
  #turn = 0
  readonly #lost = new Set<number>()
  /** How far all were when that was told last, by source; and how many requests they had sent. */
  readonly #read = new Map<string, number>()
  #requests = 0
  /** What all told at the last look. */
  #known: ReadonlyMap<number, PartAnswer> = new Map()

  constructor(led: Led) {
    this.#led = led
  }

  /** How many there are. */
  get of(): number {
    return this.#led.crew.of
  }

  /** Calls for all parts, and starts those that are done here. */
  async call(call: Omit<PartCall, 'epoch' | 'of'>): Promise<void> {
    const { crew, lease } = this.#led
    this.#call = { ...call, epoch: lease.current.epoch, of: crew.of }
    await this.#commit([partCall.stored(this.#call)])
    crew.start(call.run)
  }

  /** The plans of all, once each has one. @throws {SyncError} what any of them ended with; nothing was sent then */
  async plans(): Promise<readonly Json[]> {
    const { signal, joinMs, crew } = this.#led
    const turn = ++this.#turn
    const deadline = performance.now() + joinMs
    for (let round = 0; ; round++) {
      const answers = await this.#look(round)
      signal.throwIfAborted()
      for (const { step, told } of answers.values())
        if (step === 'failed') throw errorOf(told as unknown as Cause)
      const [lost] = this.#lost
      if (lost !== undefined) throw new PartLostError(lost, crew.of)
      const missing = this.#numbers.filter((number) => !answers.has(number))
      if (missing.length > 0 && performance.now() > deadline) throw partsMissing(missing, crew.of)
      const planned = this.#numbers.flatMap((number) => {
        const answer = answers.get(number)
        return answer?.step === 'planned' && answer.turn === turn ? [answer.told] : []
      })
      if (planned.length === crew.of) return planned
      await sleep(LOOK_MS, signal)
    }
  }

  /**
   * How all ended, by number; those are left out that were lost. Once one did not end well, the
   * others are asked to end soon.
   */
  async ends(): Promise<ReadonlyMap<number, PartAnswer>> {
    let deadline = Infinity
    for (let round = 0; ; round++) {
      const answers = await this.#look(round)
      const isOver = (number: number) => this.#lost.has(number) || isEnd(answers.get(number)?.step)
      const why = deadline === Infinity ? this.#whyHalt(answers) : null
      if (why !== null) {
        await this.say('halt', why as unknown as Json)
        deadline = performance.now() + PATIENCE_MS
      }
      if (this.#numbers.every(isOver)) return answers
      if (performance.now() > deadline) return answers
      await sleep(LOOK_MS, never)
    }
  }

  /** Which part did not commit all it had; null where all have. */
  async unclosed(): Promise<number | null> {
    const deadline = performance.now() + PATIENCE_MS
    for (let round = 0; ; round++) {
      const answers = await this.#look(round)
      const open = this.#numbers.filter((number) => answers.get(number)?.step !== 'closed')
      const [first = null] = open
      const isOver = (number: number) =>
        this.#lost.has(number) || answers.get(number)?.step === 'failed'
      if (first === null || open.every(isOver) || performance.now() > deadline) return first
      await sleep(LOOK_MS, never)
    }
  }

  async say(step: PartWord['step'], told: Json): Promise<void> {
    const run = this.#call?.run ?? 0
    await this.#commit([partWord.stored({ run, turn: this.#turn, step, told })])
  }

  /**
   * Has all end, waits until they have, and clears what was told. Any number of times.
   *
   * @param why - what ended the run; null where it came to its end
   */
  async dismiss(why: Cause | null): Promise<void> {
    if (this.#call === null) return
    await this.say('halt', why as unknown as Json).catch(() => undefined)
    const { crew, store } = this.#led
    await crew.end()
    const deadline = performance.now() + PATIENCE_MS
    while ((await this.#present()).size > 0 && performance.now() < deadline)
      await sleep(LOOK_MS, never)
    const told = [...(await store.values(PARTS)).keys()]
    await this.#commit(told.map((key) => ({ key, value: null })))
    this.#call = null
  }

  get #numbers(): readonly number[] {
    return Array.from({ length: this.#led.crew.of }, (_, at) => at + 1)
  }

  /** Why all are to end before they are done; null where they are not. */
  #whyHalt(answers: ReadonlyMap<number, PartAnswer>): Cause | null {
    for (const answer of answers.values()) {
      const failure = failureOf(answer)
      if (failure !== null) return failure
    }
    const [lost] = this.#lost
    if (lost !== undefined) return causeOf(new PartLostError(lost, this.of))
    return this.#led.signal.aborted ? INTERRUPTED : null
  }

  /** What all tell now; notes who was lost. */
  async #look(round: number): Promise<ReadonlyMap<number, PartAnswer>> {
    const { store, crew } = this.#led
    // Who ended before this look told all it had to tell.
    const ended = new Set(crew.ended)
    const isThorough = round % ROUNDS === ROUNDS - 1
    const present = isThorough ? await this.#present() : null
    const answers = new Map<number, PartAnswer>()
    for (const [id, answer] of await partAnswers.readAll(store))
      if (answer.run === this.#call?.run) answers.set(Number(id), answer)
    for (const number of this.#numbers) {
      const answer = answers.get(number)
      if (answer?.step === 'closed' || answer?.step === 'failed') continue
      // Who was there at the last look, is not now, and told nothing more.
      const known = this.#known.get(number)
      const isGone = known !== undefined && present?.has(known.worker) === false
      if (isGone || ended.has(number)) this.#lost.add(number)
    }
    this.#known = answers
    if (isThorough) await this.#tell()
    return answers
  }

  /** Who is there; those of this machine whose processes ended need not be waited for. */
  async #present(): Promise<ReadonlySet<string>> {
    const { store } = this.#led
    const { workers } = await store.fleet()
    const gone = workers.filter(({ worker }) => isOwnerGone(worker))
    for (const worker of gone) await store.bury(worker)
    return new Set(workers.filter((one) => !gone.includes(one)).map(({ worker }) => worker))
  }

  /** Tells how far all are together, where they came further: where the slowest reads, and what all sent. */
  async #tell(): Promise<void> {
    const { store, observe, crew } = this.#led
    const all = [...(await partProgress.readAll(store)).values()].filter(
      ({ run }) => run === this.#call?.run,
    )
    if (all.length < crew.of) return
    const sources = new Set(all.flatMap(({ read }) => Object.keys(read)))
    for (const source of sources) {
      const records = Math.min(...all.map(({ read }) => read[source] ?? 0))
      if (this.#read.get(source) === records) continue
      this.#read.set(source, records)
      observe({ type: 'read', source, records })
    }
    const sum = (of: 'requests' | 'updates' | 'dataPoints' | 'changes') =>
      all.reduce((total, one) => total + one[of], 0)
    const [requests, updates] = [sum('requests'), sum('updates')]
    if (requests === this.#requests) return
    this.#requests = requests
    const [dataPoints, changes] = [sum('dataPoints'), sum('changes')]
    observe({ type: 'sent', requests, updates, dataPoints, changes })
  }

  async #commit(values: readonly ReturnType<typeof partWord.stored>[]): Promise<void> {
    const { store, lease } = this.#led
    await store.commit({ epoch: lease.current.epoch, values })
  }
}

/** What is waited for though the run is to end. */
const never = new AbortController().signal

function isEnd(step: PartAnswer['step'] | undefined): boolean {
  return step === 'ended' || step === 'closed' || step === 'failed'
}

/** What a part ended with that others are to end for, too; null where they go on. */
function failureOf({ step, told }: PartAnswer): Cause | null {
  if (step === 'failed') return told as unknown as Cause
  if (step !== 'ended' && step !== 'closed') return null
  const { failure } = told as unknown as { readonly failure: Cause | null }
  return failure?.code === INTERRUPTED.code ? null : failure
}
