import type { ManualStep } from '../../plan/manual-steps.ts'
import type { Colours } from '../text/colours.ts'
import { safeLine } from '../text/safe-text.ts'

/**
 * What is left to do by hand in Braze, as a block for a terminal; empty when nothing is.
 *
 * Shape: a line a step; the filters of a recipe below its step.
 */
export function byHandLines(steps: readonly ManualStep[], colours: Colours): readonly string[] {
  if (steps.length === 0) return []
  return [
    colours.bold('By hand in Braze'),
    ...steps.flatMap(({ text, recipe }) => [
      `  ${colours.cyan('☐')} ${safeLine(text)}`,
      ...(recipe === null
        ? []
        : recipe.lines.slice(1).map((line) => colours.dim(`    ${safeLine(line)}`.trimEnd()))),
    ]),
  ]
}
