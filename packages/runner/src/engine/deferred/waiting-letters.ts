import { setImmediate } from 'node:timers/promises'
import type { DeadLetter, StateStore } from '@engage-sync/core'
import { WAITING_CODE } from '../../state/format/place-checksums.ts'
import { eachDeadLetter } from '../../state/reading/dead-letters.ts'
import { decodeDeferred } from '../../state/values/letter-payload.ts'
import type { DeferredUser } from './deferred-user.ts'

/** Code of the letters of users who wait for the next run. */
export const WAITING = WAITING_CODE

/** So many letters are asked for by their numbers at once. */
const ASKED = 5000
/** Letters that are read before whoever else waits for the process is served. */
const TURN = 500

/** What is durable of such a user: the records of one source to be folded again, before the source goes on. */
export interface DeferredLetter extends DeferredUser {
  readonly id: number
  /** Empty when the row is only to be looked at again. */
  readonly source: string
  readonly records: readonly string[]
}

/**
 * The letters of those who wait: each is read once to know whose it is, and then by its number, so
 * that nobody's are read for somebody else's sake, however many there are.
 *
 * Only one process writes those of a partition at a time; what it writes itself is found, too.
 */
export class WaitingLetters {
  readonly #store: StateStore
  readonly #ids = new Map<string, readonly number[]>()
  #newest = 0

  constructor(store: StateStore) {
    this.#store = store
  }

  /** Those that were written since this was asked last, newest first. */
  async *read(): AsyncGenerator<DeferredLetter> {
    const after = this.#newest
    let count = 0
    for await (const stored of eachDeadLetter(this.#store, { code: WAITING, after })) {
      const letter = deferredLetter(stored)
      this.#newest = Math.max(this.#newest, letter.id)
      this.#ids.set(letter.user, [letter.id, ...(this.#ids.get(letter.user) ?? [])])
      yield letter
      if (++count % TURN === 0) await setImmediate()
    }
  }

  /** Those of some users, oldest first. */
  async of(users: Iterable<string>): Promise<readonly DeferredLetter[]> {
    for await (const _ of this.read());
    const ids = [...users].flatMap((user) => this.#ids.get(user) ?? [])
    const letters: DeferredLetter[] = []
    for (let from = 0; from < ids.length; from += ASKED) {
      const asked = ids.slice(from, from + ASKED)
      const page = { code: WAITING, limit: asked.length, ids: asked }
      letters.push(...(await this.#store.deadLetters(page)).map(deferredLetter))
    }
    return letters.toSorted((a, b) => a.id - b.id)
  }

  /** They are gone. */
  remove(letters: readonly Pick<DeferredLetter, 'id' | 'user'>[]): void {
    const gone = new Set(letters.map(({ id }) => id))
    for (const { user } of letters) {
      const left = (this.#ids.get(user) ?? []).filter((id) => !gone.has(id))
      if (left.length > 0) this.#ids.set(user, left)
      else this.#ids.delete(user)
    }
  }
}

function deferredLetter({ id, place, payload, subject }: DeadLetter): DeferredLetter {
  return {
    id: id!,
    partition: subject!.partition,
    user: subject!.user,
    source: place,
    ...decodeDeferred(payload),
  }
}
