import { Option } from 'commander'
import { RESEND, run, someUsers, verifySample } from '../engine/index.ts'
import type { Verification } from '../engine/index.ts'
import { EXIT } from '../process/exit.ts'
import type { ExitCode } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { formatOption, wholeNumber } from '../command-line/options.ts'
import { renderJson } from '../output/formats/json.ts'
import {
  isSame,
  nameOf,
  renderVerification,
  verificationJson,
} from '../output/inspection/verification.ts'
import { conclude } from '../output/report/conclude.ts'
import { reportFacts } from '../output/report/report-facts.ts'
import { createRunProgress } from '../output/report/run-progress.ts'
import { engineOptions } from '../workspace/engine-options.ts'
import { openWorkspace } from '../workspace/open-workspace.ts'
import type { Workspace } from '../workspace/open-workspace.ts'
import { openEnvironment } from '../workspace/environment/open-environment.ts'
import { borrowing, handOverOption } from '../serve/borrow.ts'
import type { HandOverFlags } from '../serve/borrow.ts'
import { defineCommand } from '../command-line/command.ts'
import type { GlobalFlags } from '../command-line/command.ts'

const SAMPLE = 200

interface VerifyFlags extends HandOverFlags {
  readonly sample: number
  readonly format: 'human' | 'json'
  readonly showValues?: boolean
  readonly repair?: boolean
}

/** `verify`: whether Braze holds what was delivered, by a sample of exports. */
export const verifyCommand = defineCommand<VerifyFlags>({
  configure(command) {
    command
      .addOption(
        new Option('--sample <users>', 'how many users are compared')
          .argParser(wholeNumber)
          .default(SAMPLE),
      )
      .option('--show-values', 'print who differs and in what, which are personal data')
      .option('--repair', 'send the users of the sample who differ again, and nobody else')
      .addOption(handOverOption())
      .addOption(formatOption(['human', 'json']))
      .addHelpText('after', HELP)
  },
  async run(io, flags) {
    const opened = openEnvironment(io, flags)
    const access = flags.repair === true ? 'write' : 'read'
    const workspace = await openWorkspace(opened, opened.config.syncs, access)
    try {
      const verification = await verifySample(partsOf(io, workspace), flags.sample)
      if (flags.repair === true && !isSame(verification))
        return await borrowing(io, { ...flags, opened }, () =>
          repair(io, flags, { workspace, verification }),
        )
      write(io, flags, { verification })
      return isSame(verification) ? EXIT.done : EXIT.partial
    } finally {
      await workspace.close()
    }
  },
})

const HELP = `
Attributes are compared by digest, or by their elements where those come and go one by one; events by number; cohorts
cannot be exported. Braze limits exports to 250 requests a minute, 50 users each. \`--repair\` sends attributes and
memberships of those who differ again, as \`run --only --resend\` does: guards hold, and no event is repeated. \`--hand-over\` is
for that run alone: comparing works beside a server.
`

function partsOf(io: Io, { store, syncs, braze }: Workspace): Parameters<typeof verifySample>[0] {
  return {
    store,
    syncs,
    destination: braze.destination,
    signal: io.signal,
    nowMs: io.now(),
    random: Math.random,
  }
}

function write(
  io: Io,
  flags: VerifyFlags,
  told: { readonly verification: Verification; readonly run?: number },
): void {
  const { verification, run = null } = told
  const { format, showValues = false } = flags
  const asked = flags.repair === true ? { repair: run } : {}
  io.stdout.write(
    format === 'json'
      ? renderJson({ ...verificationJson(verification, showValues), ...asked })
      : renderVerification(verification, flags),
  )
}

/** Ends as the run does that repairs; data says its number, and `history` the rest. */
async function repair(
  io: Io,
  flags: GlobalFlags & VerifyFlags,
  {
    workspace,
    verification,
  }: { readonly workspace: Workspace; readonly verification: Verification },
): Promise<ExitCode> {
  const users = new Set(verification.differences.map(({ user }) => nameOf(user)))
  if (flags.format === 'human') write(io, flags, { verification })
  const progress = createRunProgress(io)
  try {
    const options = engineOptions(io, {}, workspace)
    const kind = someUsers(users, RESEND)
    const result = await run({ ...options, kind, observe: progress.observe })
    progress.close()
    if (flags.format === 'json') write(io, flags, { verification, run: result.report.run })
    else io.stdout.write('\n')
    const quiet = { ...io, stdout: flags.format === 'json' ? NOWHERE : io.stdout }
    const choice = { ...reportFacts(workspace), commandLine: flags.commandLine }
    return await conclude(quiet, { ...choice, format: 'human' }, result)
  } finally {
    progress.close()
  }
}

const NOWHERE: Io['stdout'] = { write: () => undefined, isTTY: false, columns: 100 }
