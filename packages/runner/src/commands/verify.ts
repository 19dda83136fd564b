import { Option } from 'commander'
import { verifySample } from '../engine/index.ts'
import type { Verification } from '../engine/index.ts'
import { EXIT } from '../process/exit.ts'
import { formatOption, wholeNumber } from '../command-line/options.ts'
import { renderJson } from '../output/formats/json.ts'
import { countOf } from '../output/text/numbers.ts'
import { openWorkspace } from '../workspace/open-workspace.ts'
import { openEnvironment } from '../workspace/environment/open-environment.ts'
import { defineCommand } from '../command-line/command.ts'

const SAMPLE = 200

/** `verify`: whether Braze holds what was delivered, by a sample of exports. */
export const verifyCommand = defineCommand<{
  readonly sample: number
  readonly format: 'human' | 'json'
}>({
  configure(command) {
    command
      .addOption(
        new Option('--sample <users>', 'how many users are compared')
          .argParser(wholeNumber)
          .default(SAMPLE),
      )
      .addOption(formatOption(['human', 'json']))
      .addHelpText('after', HELP)
  },
  async run(io, flags) {
    const opened = openEnvironment(io, flags)
    const workspace = await openWorkspace(opened, opened.config.syncs, 'read')
    const { store, syncs, braze } = workspace
    try {
      const parts = {
        store,
        syncs,
        destination: braze.destination,
        signal: io.signal,
        nowMs: io.now(),
        random: Math.random,
      }
      const verification = await verifySample(parts, flags.sample)
      io.stdout.write(
        flags.format === 'json'
          ? renderJson({ version: 1, ...verification })
          : renderVerification(verification),
      )
      return isSame(verification) ? EXIT.done : EXIT.partial
    } finally {
      await workspace.close()
    }
  },
})

const HELP = `
Attributes are compared by digest, events by number; cohorts cannot be exported. Braze limits exports to 250 requests a
minute, 50 users each. What differs is repaired by \`engage-sync run --resend\`.
`

function isSame({ missing, mappings }: Verification): boolean {
  return missing === 0 && mappings.every(({ different }) => different === 0)
}

function renderVerification(verification: Verification): string {
  const { users, sampled, missing, mappings } = verification
  const lines = [`Compared ${countOf(sampled, 'user')} of ${users} with what Braze exports.`]
  if (missing > 0) lines.push(`Braze does not know ${countOf(missing, 'user')} of them.`)
  for (const { mapping, compared, different } of mappings) {
    lines.push(
      different === 0
        ? `  same      ${mapping} · ${compared}`
        : `  different ${mapping} · ${different} of ${compared}`,
    )
  }
  if (!isSame(verification))
    lines.push(
      '',
      'Someone else may have changed these, or Braze may have dropped them. `engage-sync run --resend` sends them again.',
    )
  return `${lines.join('\n')}\n`
}
