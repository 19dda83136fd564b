import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterPage,
  Json,
  StateStore,
} from '@engage-sync/core'

/** A payload may be 64 KB, so this many of them fit into memory at any time. */
const PAGE = 500

/**
 * Dead letters one by one, newest first, read in pages. @param from - only those with a smaller id;
 * default: all
 */
export async function* eachDeadLetter(
  store: StateStore,
  filter: DeadLetterFilter & Pick<DeadLetterPage, 'after'> = {},
  from?: number,
): AsyncGenerator<DeadLetter> {
  for (let before = from; ;) {
    const page = await store.deadLetters({
      ...filter,
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    })
    yield* page
    if (page.length < PAGE) return
    before = page.at(-1)!.id
  }
}

/** Which dead letters are to be sent again. Default: all that do not wait by themselves. */
export interface LetterChoice extends DeadLetterFilter {
  readonly ids?: ReadonlySet<number>
}

/**
 * The dead letters of a choice, newest first, read in pages. @param from - only those with a
 * smaller id; default: all
 */
export async function* chosenLetters(
  store: StateStore,
  { ids, ...filter }: LetterChoice,
  from?: number,
): AsyncGenerator<DeadLetter> {
  const letters =
    ids === undefined ? eachDeadLetter(store, filter, from) : lettersById(store, filter, ids)
  for await (const letter of letters)
    if (letter.stage !== 'waiting' && (from === undefined || letter.id! < from)) yield letter
}

async function* lettersById(
  store: StateStore,
  filter: DeadLetterFilter,
  ids: ReadonlySet<number>,
): AsyncGenerator<DeadLetter> {
  for (const id of [...ids].toSorted((a, b) => b - a)) {
    const [letter] = await store.deadLetters({ ...filter, limit: 1, before: id + 1 })
    if (letter?.id === id) yield letter
  }
}

/**
 * Numbers of the dead letters about some users: as their subject, or anywhere in what was refused.
 */
export async function lettersAbout(
  store: StateStore,
  users: ReadonlySet<string>,
): Promise<readonly number[]> {
  const isAbout = aboutUsers(users)
  const ids: number[] = []
  for await (const letter of eachDeadLetter(store))
    if (letter.id !== undefined && isAbout(letter)) ids.push(letter.id)
  return ids
}

/**
 * Tells whether a dead letter is about some users: as its subject, or anywhere in what was refused.
 * Its cost does not grow with the users.
 *
 * @param users - identifiers as rows hold them: an alias is `label NUL name`, and a record holds
 *   its name alone
 */
export function aboutUsers(
  users: ReadonlySet<string>,
): (letter: Pick<DeadLetter, 'subject' | 'payload'>) => boolean {
  if (users.size === 0) return () => false
  const names = new Set([...users].map((user) => user.slice(user.indexOf('\u0000') + 1)))
  const written = [...names].map((name) => JSON.stringify(name))
  const plain = new Set(written.map((name) => name.slice(1, -1)))
  const withQuotes = written.filter((name) => name.slice(1, -1).includes('"'))
  // What stands between two quotes, even where a text is no JSON: no name that is written without
  // one can hide.
  const isNamedIn = (text: string) =>
    names.has(text) ||
    text
      .split('"')
      .slice(1, -1)
      .some((piece) => plain.has(piece)) ||
    withQuotes.some((name) => text.includes(name))
  return ({ subject, payload }) =>
    (subject !== null && users.has(subject.user)) || textsIn(payload).some(isNamedIn)
}

function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}
