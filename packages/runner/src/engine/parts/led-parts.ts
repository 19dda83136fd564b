import { Reasons } from '@engage-sync/core'
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
import { sleep } from '../durable/index.ts'
import type { HeldLease } from '../durable/index.ts'
import type { EngineOptions, PartPlan } from '../request/index.ts'
import { isWithin } from './join-plans.ts'
import { LostParts } from './lost-parts.ts'
import type { Crew } from './lost-parts.ts'
import { errorOf, PartLostError, partsMissing } from './part-errors.ts'
import { planOf } from './stored-plan.ts'

/** How often it is looked what parts tell, milliseconds. */
const LOOK_MS = 100
/** Rounds of looking after which it is looked who is there, and how far. */
const ROUNDS = 5
/** Parts that end get this long for what is under way, milliseconds. */
const PATIENCE_MS = 20_000

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
  /** What was said last to all; null before anything was. */
  #said: PartWord['step'] | null = null
  /** What all would do, by number, once all have said so. */
  #planned: ReadonlyMap<number, PartPlan> = new Map()
  readonly #lost: LostParts
  /** Those that were killed after they had begun to send: what that was stands in no report. */
  readonly untold = new Reasons()
  /** Parts that were started again after the others were let go. */
  readonly #late = new Set<number>()
  /** Workers that do what was judged of those before them. */
  readonly #goOn = new Set<string>()
  /** How far all were when that was told last, by source; and how many requests they had sent. */
  readonly #read = new Map<string, number>()
  #requests = 0

  constructor(led: Led) {
    this.#led = led
    this.#lost = new LostParts(led.store, led.crew)
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
  async plans(): Promise<readonly PartPlan[]> {
    const { signal, joinMs, crew } = this.#led
    const turn = ++this.#turn
    const deadline = performance.now() + joinMs
    for (let round = 0; ; round++) {
      const answers = await this.#look(round)
      signal.throwIfAborted()
      for (const { step, told } of answers.values())
        if (step === 'failed') throw errorOf(told as unknown as Cause)
      const lost = this.#lost.any
      if (lost !== null) throw new PartLostError(lost, crew.of)
      const missing = this.#numbers.filter(
        (number) => !answers.has(number) && !this.#lost.isAgain(number),
      )
      if (missing.length > 0 && performance.now() > deadline) throw partsMissing(missing, crew.of)
      const planned = [...answers].filter(
        ([, answer]) => answer.step === 'planned' && answer.turn === turn,
      )
      this.#planned = new Map(planned.map(([number, { told }]) => [number, planOf(told)]))
      if (planned.length === crew.of)
        return this.#numbers.map((number) => this.#planned.get(number)!)
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
      await this.#letGoOn(answers)
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

  /** Has all deliver what they planned. @param positions - where all have read to */
  async go({ positions }: Pick<PartPlan, 'positions'>): Promise<void> {
    const ends = Object.fromEntries(positions)
    await this.say('go', { ends, again: [...this.#goOn] })
  }

  async say(step: PartWord['step'], told: Json): Promise<void> {
    const run = this.#call?.run ?? 0
    this.#said = step
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
    while ((await this.#lost.present()).size > 0 && performance.now() < deadline)
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
    const lost = this.#lost.any
    if (lost !== null) return causeOf(new PartLostError(lost, this.of))
    return this.#led.signal.aborted ? INTERRUPTED : null
  }

  /** Those who were started again after the others were let go do the rest of what was judged, or nothing. */
  async #letGoOn(answers: ReadonlyMap<number, PartAnswer>): Promise<void> {
    if (this.#said !== 'go') return
    for (const [number, { worker, step, told }] of answers) {
      const judged = this.#planned.get(number)
      const isNew = step === 'planned' && this.#late.has(number) && !this.#goOn.has(worker)
      if (!isNew || judged === undefined) continue
      if (!isWithin(planOf(told), judged)) return this.#lost.give(number)
      this.#goOn.add(worker)
      this.untold.add('RUN_PART_AGAIN', `part ${number} of ${this.of}`)
      await this.go(judged)
    }
  }

  /** What all tell now; notes who was lost, and has those started again who can be. */
  async #look(round: number): Promise<ReadonlyMap<number, PartAnswer>> {
    const { store, crew, observe, signal } = this.#led
    // Who ended before this look told all it had to tell.
    const ended = new Set(crew.ended)
    const isThorough = round % ROUNDS === ROUNDS - 1
    const present = isThorough ? await this.#lost.present() : null
    const answers = new Map<number, PartAnswer>()
    for (const [id, answer] of await partAnswers.readAll(store))
      if (answer.run === this.#call?.run && !this.#lost.isReplaced(answer.worker))
        answers.set(Number(id), answer)
    const mayStart = !signal.aborted && [null, 'again', 'go'].includes(this.#said)
    for (const number of await this.#lost.note({ answers, ended, present, mayStart })) {
      answers.delete(number)
      if (this.#said === 'go') this.#late.add(number)
      observe({ type: 'restarted', part: number, of: crew.of })
    }
    if (isThorough) await this.#tell()
    return answers
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
      if ((this.#read.get(source) ?? -1) >= records) continue
      this.#read.set(source, records)
      observe({ type: 'read', source, records })
    }
    const sum = (of: 'requests' | 'updates' | 'dataPoints' | 'changes') =>
      all.reduce((total, one) => total + one[of], 0)
    const [requests, updates] = [sum('requests'), sum('updates')]
    if (requests <= this.#requests) return
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
