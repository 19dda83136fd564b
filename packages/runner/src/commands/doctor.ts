import { checkAlerts } from '../doctor/check-alerts.ts'
import { checkBraze } from '../doctor/check-braze.ts'
import { checkLag } from '../doctor/check-lag.ts'
import { checkSources } from '../doctor/check-sources.ts'
import { checkState } from '../doctor/check-state.ts'
import { failedBy, fine, worstOf } from '../doctor/finding.ts'
import type { Finding } from '../doctor/finding.ts'
import { missingSecrets, needsOf, notLookedAt } from '../doctor/missing-secrets.ts'
import type { Io } from '../process/io.ts'
import { isSyncError } from '../process/sync-error.ts'
import { formatOption } from '../command-line/options.ts'
import { coloursFor } from '../output/text/colours.ts'
import { renderFindings } from '../output/inspection/doctor.ts'
import { renderJson } from '../output/formats/json.ts'
import { countOf } from '../output/text/numbers.ts'
import { environmentName } from '../workspace/environment/environment-name.ts'
import { openAsFarAsKnown, openEnvironment } from '../workspace/environment/open-environment.ts'
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
  let configuration: Finding
  try {
    ;({ opened, configuration } = openAll(io, flags))
  } catch (error) {
    return [failedBy('configuration', error)]
  }
  const sources = await checkSources(opened, io.signal)
  const braze = await checkBraze(opened, io.signal)
  const state = await lookAtState(opened, io)
  return [configuration, ...sources, ...braze, ...state, ...checkAlerts(opened)]
}

interface Opened {
  readonly opened: OpenEnvironment
  readonly configuration: Finding
}

/** A missing secret keeps nobody from looking at what needs none. */
function openAll(io: Io, flags: GlobalFlags): Opened {
  try {
    const opened = openEnvironment(io, flags)
    const syncs = countOf(opened.config.syncs.length, 'sync')
    const message = `${syncs} for ${opened.environment.name}, secrets present`
    return { opened, configuration: fine('configuration', message) }
  } catch (error) {
    if (!isSyncError(error) || !error.code.startsWith('SECRET_')) throw error
    const opened = openAsFarAsKnown(io, flags)
    return { opened, configuration: missingSecrets(error, opened) }
  }
}

/** A state is known by the workspace's key; without one, by its endpoint. */
async function lookAtState(opened: OpenEnvironment, io: Io): Promise<readonly Finding[]> {
  const { environment, place } = opened
  const { braze, state } = environment
  const unknown = notLookedAt('state', [state, braze.endpoint], opened)
  if (unknown !== null) return [unknown]
  const rebind = needsOf(braze.apiKey, opened).length > 0
  const found = await checkState({ environment, root: place.root, now: io.now, rebind }, io.now())
  return [...found, ...(await checkLag(opened, { now: io.now, signal: io.signal, rebind }))]
}

/** Version 1 of a check as data: extended, never renamed. */
function asJson({ name, status, message, hint, exit }: Finding): object {
  return { name, status, message, hint: hint ?? null, exit_code: exit }
}
