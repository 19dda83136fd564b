import type { Cause, GuardStop } from '@engage-sync/core'
import type { Colours } from '../text/colours.ts'
import { safeLine } from '../text/safe-text.ts'
import { quoted } from '../text/shell.ts'
import type { EndOfRun } from './end.ts'

/**
 * Why a run ended, for a terminal.
 *
 * Shape: the code and what happened, each guard that stopped it, the next step; nothing for a run that was not ended.
 */
export function causeLines({ error, guards }: EndOfRun, colours: Colours): readonly string[] {
  if (error === null) return []
  const place = error.place === null ? '' : colours.dim(`  ${safeLine(error.place)}`)
  return [
    `  ${colours.red(error.code)}  ${safeLine(error.message)}${place}`,
    ...(guards.length > 1 ? guards.map(({ message }) => `    ${safeLine(message)}`) : []),
    ...hintOf(error).map((line) => `  ${colours.dim(safeLine(line))}`),
  ]
}

/**
 * What a run that guards stopped is run again with so that all of them let it pass.
 *
 * @param commandLine - what was typed, quoted for a shell
 */
export function allowingCommand(commandLine: string, guards: readonly GuardStop[]): string {
  return [commandLine, ...guards.map(({ allow }) => `--allow ${quoted(allow)}`)].join(' ')
}

function hintOf({ hint }: Cause): readonly string[] {
  return hint?.split('\n') ?? []
}
