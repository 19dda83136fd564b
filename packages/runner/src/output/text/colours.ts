import picocolors from 'picocolors'
import type { Io, Output } from '../../process/io.ts'
import { wantsColour } from '../../process/io.ts'

/** Functions that colour text, or leave it as it is. */
export type Colours = ReturnType<typeof picocolors.createColors>

/** Colours for an output, plain where nobody sees them. */
export function coloursFor(output: Output, env: Io['env']): Colours {
  return picocolors.createColors(wantsColour(output, env))
}

/** Colours that change nothing, for text that is stored. */
export const PLAIN: Colours = picocolors.createColors(false)
