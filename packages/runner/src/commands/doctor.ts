import type { NormalisedEnvironment } from '@engage-sync/core'
import { checkSources } from '../doctor/check-sources.ts'
import { checkState } from '../doctor/check-state.ts'
import { failedBy, fine, ofDestination, worstOf } from '../doctor/finding.ts'
import type { Finding } from '../doctor/finding.ts'
import type { Io } from '../process/io.ts'
import { formatOption } from '../command-line/options.ts'
import { coloursFor } from '../output/text/colours.ts'
import { renderFindings } from '../output/inspection/doctor.ts'
import { renderJson } from '../output/formats/json.ts'
import { countOf } from '../output/text/numbers.ts'
import { openDestination } from '../adapters/registry.ts'
import type { Place } from '../adapters/registry.ts'
import { environmentName } from '../workspace/environment/environment-name.ts'
import { openEnvironment } from '../workspace/environment/open-environment.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { defineCommand } from '../command-line/command.ts'
import type { GlobalFlags } from '../command-line/command.ts'

/** `doctor`: whether a run would work here, and what to do where it would not. */
export const doctorCommand = defineCommand<{ readonly format: 'human' | 'json' }>({
  configure(command) {
    command.addOption(formatOption(['human', 'json'])).addHelpText('after', HELP)
  },
  async run(io, flags) {
    const findings = await examine(io, flags)
    if (flags.format === 'json')
      io.stdout.write(
        renderJson({
          version: 1,
          environment: environmentName(io, flags),
          checks: findings.map(asJson),
        }),
      )
    else io.stdout.write(renderFindings(findings, coloursFor(io.stdout, io.env)))
    return worstOf(findings)
  },
})

const HELP = `
Sources are opened, and nothing of them is taken in. Nothing is sent that Braze would keep. The exit code is that of the worst check; 0 when none failed.
`

async function examine(io: Io, flags: GlobalFlags): Promise<readonly Finding[]> {
  let opened: OpenEnvironment
  try {
    opened = openEnvironment(io, flags)
  } catch (error) {
    return [failedBy('configuration', error)]
  }
  const { environment, place, config } = opened
  const configuration = fine(
    'configuration',
    `${countOf(config.syncs.length, 'sync')} for ${environment.name}, secrets present`,
  )
  const sources = await checkSources(opened, io.signal)
  const braze = await checkBraze(environment, place, io.signal)
  return [
    configuration,
    ...sources,
    ...braze,
    ...(await checkState({ environment, root: place.root, now: io.now }, io.now())),
  ]
}

async function checkBraze(
  environment: NormalisedEnvironment,
  place: Place,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  try {
    const braze = await openDestination(environment, place)
    try {
      return (await braze.destination.check(signal)).map(ofDestination)
    } finally {
      await braze.close()
    }
  } catch (error) {
    return [failedBy('endpoint', error)]
  }
}

/** Version 1 of a check as data: extended, never renamed. */
function asJson({ name, status, message, hint, exit }: Finding): object {
  return { name, status, message, hint: hint ?? null, exit_code: exit }
}
