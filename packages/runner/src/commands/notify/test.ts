import { SyncError, zip } from '@engage-sync/core'
import { coloursFor } from '../../output/text/colours.ts'
import { EXIT } from '../../process/exit.ts'
import { openAsFarAsKnown } from '../../workspace/environment/open-environment.ts'
import { defineCommand } from '../../command-line/command.ts'
import { nameOf, tell } from '../../notify/index.ts'
import type { Alert } from '../../notify/index.ts'

/** `notify test`: sends a test alert to each of `notify:`. */
export const testCommand = defineCommand({
  configure() {},
  async run(io, flags) {
    const { environment, secrets } = openAsFarAsKnown(io, flags)
    const { name, notify } = environment
    if (notify.length === 0)
      throw new SyncError('NOTIFY_NOBODY', `Environment ${name} tells nobody`, {
        hint: 'Add `notify:` to it in the project file; docs/config.md has an example.',
      })
    const alert: Alert = {
      event: 'test',
      environment: name,
      run: null,
      texts: ['Alerts of this environment arrive here.'],
      error: null,
    }
    const ends = await tell(
      io,
      secrets,
      notify.map((target) => ({ target, alert })),
    )
    const colours = coloursFor(io.stdout, io.env)
    for (const [target, why] of zip(notify, ends))
      io.stdout.write(
        why === null
          ? `${colours.green('✓')} ${nameOf(target)} took it\n`
          : `${colours.red('✗')} ${nameOf(target)}: ${why}\n`,
      )
    return ends.every((why) => why === null) ? EXIT.done : EXIT.unavailable
  },
})
