import picocolors from 'picocolors'
import type { Io, Output } from '../../process/io.ts'
import { wantsColour } from '../../process/io.ts'
import { colourMark } from '../../process/marks.ts'

/** Functions that colour text, or leave it as it is. */
export type Colours = Readonly<Record<(typeof NAMES)[number], (text: string) => string>>

const NAMES = ['bold', 'dim', 'underline', 'red', 'green', 'yellow', 'cyan'] as const

/**
 * Colours for an output, plain where nobody sees them. The writer makes colours of the marks; see
 * `obeyed`.
 */
export function coloursFor(output: Output, env: Io['env']): Colours {
  return wantsColour(output, env) ? COLOURS : PLAIN
}

/** Colours that change nothing, for text that is stored. */
export const PLAIN: Colours = coloursOf(() => (text) => text)

const COLOURS: Colours = coloursOf(marking)

function coloursOf(make: (name: (typeof NAMES)[number]) => (text: string) => string): Colours {
  return Object.fromEntries(NAMES.map((name) => [name, make(name)])) as Record<
    (typeof NAMES)[number],
    (text: string) => string
  >
}

/** What stands inside and ends the same colour begins it again behind that. */
function marking(name: (typeof NAMES)[number]): (text: string) => string {
  const codes = [
    ...picocolors
      .createColors(true)
      [name]('')
      .matchAll(/\[(\d+)m/g),
  ].map(([, number = '']) => number)
  const [open = '', close = ''] = codes.map(colourMark)
  return (text) => `${open}${text.replaceAll(close, close + open)}${close}`
}
