import { Option } from 'commander'
import { SyncError } from '@engage-sync/core'
import type { ExportedList, UserRef } from '@engage-sync/core'
import { repairOf, run, verifyMembers, verifySample } from '../engine/index.ts'
import { EXIT } from '../process/exit.ts'
import type { ExitCode } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { sendingNothing } from '../process/sending-nothing.ts'
import { formatOption, wholeNumber } from '../command-line/options.ts'
import { renderJson } from '../output/formats/json.ts'
import {
  isSame,
  nameOf,
  renderVerification,
  verificationJson,
} from '../output/inspection/verification.ts'
import { areSameMembers, membersJson, renderMembers } from '../output/inspection/members.ts'
import { conclude } from '../output/report/conclude.ts'
import { reportFacts } from '../output/report/report-facts.ts'
import { createRunProgress } from '../output/report/run-progress.ts'
import { exportedList, exportedOptions } from '../workspace/files/exported-list.ts'
import type { ExportedFlags } from '../workspace/files/exported-list.ts'
import { engineOptions } from '../workspace/engine-options.ts'
import { openWorkspace } from '../workspace/open-workspace.ts'
import type { Workspace } from '../workspace/open-workspace.ts'
import { openEnvironment } from '../workspace/environment/open-environment.ts'
import { borrowing, handOverOption } from '../serve/borrow.ts'
import type { HandOverFlags } from '../serve/borrow.ts'
import { defineCommand } from '../command-line/command.ts'
import type { GlobalFlags } from '../command-line/command.ts'

const SAMPLE = 200

interface VerifyFlags extends HandOverFlags, ExportedFlags {
  readonly members?: string
  readonly sample: number
  readonly format: 'human' | 'json'
  readonly showValues?: boolean
  readonly repair?: boolean
}

/** `verify`: whether Braze holds what was delivered, by a sample of exports, or by a segment of members. */
export const verifyCommand = defineCommand<VerifyFlags>({
  configure(command) {
    const [segment, exported] = exportedOptions()
    command
      .addOption(
        new Option('--sample <users>', 'how many users are compared')
          .argParser(wholeNumber)
          .default(SAMPLE),
      )
      .option('--members <mapping>', 'compare its members with those of a segment in Braze')
      .addOption(segment)
      .addOption(exported)
      .option('--show-values', 'print who differs and in what, which are personal data')
      .option('--repair', 'send the users of the sample who differ again, and nobody else')
      .addOption(handOverOption())
      .addOption(formatOption(['human', 'json']))
      .addHelpText('after', HELP)
  },
  async run(io, flags) {
    const list = listOf(io, flags)
    const opened = openEnvironment(io, flags)
    const access = flags.repair === true ? 'write' : 'read'
    const workspace = await openWorkspace(opened, opened.config.syncs, access)
    try {
      const verified = await sendingNothing(() => verify(partsOf(io, workspace), flags, list))
      if (flags.repair === true && verified.differing.length > 0)
        return await borrowing(io, { ...flags, opened }, () =>
          repair(io, flags, { workspace, verified }),
        )
      write(io, flags, { verified })
      return verified.isSame ? EXIT.done : EXIT.partial
    } finally {
      await workspace.close()
    }
  },
})

/** What was found, and what comes of it. */
interface Verified {
  readonly isSame: boolean
  /** Users who would be sent again: personal data. */
  readonly differing: readonly UserRef[]
  readonly text: (flags: VerifyFlags) => string
  readonly json: (withValues: boolean) => object
}

async function verify(
  parts: Parameters<typeof verifySample>[0],
  { members, sample }: VerifyFlags,
  list: ExportedList | null,
): Promise<Verified> {
  if (members === undefined || list === null) {
    const found = await verifySample(parts, sample)
    return {
      isSame: isSame(found),
      differing: found.differences.map(({ user }) => user),
      text: (flags) => renderVerification(found, flags),
      json: (withValues) => verificationJson(found, withValues),
    }
  }
  const found = await verifyMembers(parts, members, list)
  return {
    isSame: areSameMembers(found),
    differing: [...found.onlyHere, ...found.onlyThere],
    text: (flags) => renderMembers(found, flags),
    json: (withValues) => membersJson(found, withValues),
  }
}

/** @throws {SyncError} `USAGE_VERIFY` for half of what is needed */
function listOf({ cwd }: Io, flags: VerifyFlags): ExportedList | null {
  const list = exportedList(flags, cwd)
  if ((list === null) === (flags.members === undefined)) return list
  throw new SyncError('USAGE_VERIFY', 'Members are compared with those of a segment', {
    hint: 'Name both: --members MAPPING, and --segment ID or --exported PATH.',
  })
}

const HELP = `
Attributes are compared by digest, or by their elements where those come and go one by one; events by number; cohorts
cannot be exported. Braze limits exports to 250 requests a minute, 50 users each. \`--repair\` sends attributes and
memberships of those who differ again, as \`run --only --resend\` does: guards hold, and no event is repeated. \`--hand-over\` is
for that run alone: comparing works beside a server.

--members compares everybody: who belongs to an audience or segment by this state, and who is in a segment of Braze's that
asks for the same attribute or cohort.
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
  told: { readonly verified: Verified; readonly run?: number },
): void {
  const { verified, run = null } = told
  const { format, showValues = false } = flags
  const asked = flags.repair === true ? { repair: run } : {}
  io.stdout.write(
    format === 'json'
      ? renderJson({ ...verified.json(showValues), ...asked })
      : verified.text(flags),
  )
}

/** Ends as the run does that repairs; data says its number, and `history` the rest. */
async function repair(
  io: Io,
  flags: GlobalFlags & VerifyFlags,
  { workspace, verified }: { readonly workspace: Workspace; readonly verified: Verified },
): Promise<ExitCode> {
  const users = new Set(verified.differing.map(nameOf))
  if (flags.format === 'human') write(io, flags, { verified })
  const progress = createRunProgress(io)
  try {
    const options = engineOptions(io, {}, workspace)
    const kind = repairOf(users)
    const result = await run({ ...options, kind, observe: progress.observe })
    progress.close()
    if (flags.format === 'json') write(io, flags, { verified, run: result.report.run })
    else io.stdout.write('\n')
    const quiet = { ...io, stdout: flags.format === 'json' ? NOWHERE : io.stdout }
    const choice = { ...reportFacts(workspace), commandLine: flags.commandLine }
    return await conclude(quiet, { ...choice, format: 'human' }, result)
  } finally {
    progress.close()
  }
}

const NOWHERE: Io['stdout'] = { write: () => undefined, isTTY: false, columns: 100 }
