import { MAX_COMMENT } from '../../formats/markdown.ts'

/** A part of a comment, which can be made smaller. */
export interface CommentPart {
  /** The text, at most so many characters long; empty where there is nothing to say. */
  readonly render: (room: number) => string
  /** The lowest is cut last. */
  readonly rank: number
}

/** Kept for the line that says what was left out. */
const NOTE_ROOM = 200

/** What a comment is made of. */
export interface Layout {
  readonly head: readonly string[]
  readonly parts: readonly CommentPart[]
  readonly foot: string
  /** The command that has what found no room. Default: `plan --format json`. */
  readonly whole?: string
}

/**
 * A comment that fits into GitHub's: its head and foot whole, its parts in their order, the least important ones cut.
 *
 * Shape: parts that say nothing are left out; how many found no room is said at the end.
 */
export function layOut({ head, parts, foot, whole = 'plan --format json' }: Layout): string {
  const fixed = [...head, foot].reduce((sum, text) => sum + text.length + 2, 0)
  let room = MAX_COMMENT - fixed - NOTE_ROOM
  let dropped = 0
  const texts = new Map<CommentPart, string>()
  for (const part of parts.toSorted((a, b) => a.rank - b.rank)) {
    const text = part.render(room - 2)
    if (text.length > room - 2) dropped += 1
    else if (text !== '') {
      texts.set(part, text)
      room -= text.length + 2
    }
  }
  const note =
    dropped === 0
      ? ''
      : `_And ${dropped} more ${dropped === 1 ? 'part' : 'parts'} that did not fit into a comment: \`${whole}\` has all of it._`
  const shown = parts.map((part) => texts.get(part) ?? '')
  return `${[...head, ...shown, note, foot].filter((text) => text !== '').join('\n\n')}\n`
}

/** As many lines as fit between a head and a tail, and how many more there are. */
export function cutLines(
  {
    head,
    lines,
    tail = '',
  }: { readonly head: string; readonly lines: readonly string[]; readonly tail?: string },
  { room, more }: { readonly room: number; readonly more: (count: number) => string },
): string {
  const whole = `${head}${lines.join('')}${tail}`
  if (whole.length <= room) return whole
  const end = more(lines.length)
  let text = head
  let shown = 0
  for (const line of lines) {
    if (text.length + line.length + end.length + tail.length > room) break
    text += line
    shown += 1
  }
  return `${text}${more(lines.length - shown)}${tail}`
}
