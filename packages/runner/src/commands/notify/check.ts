import { itemAt } from '@engage-sync/core'
import { EXIT } from '../../process/exit.ts'
import { openEnvironment } from '../../workspace/environment/open-environment.ts'
import { openToRead } from '../../workspace/state/open-to-read.ts'
import { defineCommand } from '../../command-line/command.ts'
import { endedRun, silenceTroubles, tell } from '../../notify/index.ts'

/** How far back a run that ended well is looked for. */
const MOST_RUNS = 1000

/** `notify check`: tells those who want to know for how long no run ended well. */
export const checkCommand = defineCommand({
  configure() {},
  async run(io, flags) {
    const { environment, secrets, place } = openEnvironment(io, flags)
    const store = await openToRead({ environment, root: place.root }, io)
    try {
      const runs = (await store.runs(MOST_RUNS))
        .filter(({ status }) => status !== 'running')
        .map(endedRun)
      const told = environment.notify.flatMap((target) => {
        const texts = silenceTroubles(target, runs, io.now()).map(({ text }) => text)
        const alert = { event: 'silence', environment: environment.name, run: null, texts } as const
        return texts.length === 0 ? [] : [{ target, alert: { ...alert, error: null } }]
      })
      if (told.length === 0) {
        io.stdout.write('Runs end well, or nobody asked how often they should.\n')
        return EXIT.done
      }
      await tell(io, secrets, told)
      io.stdout.write(`${itemAt(itemAt(told, 0).alert.texts, 0)}\n`)
      return EXIT.partial
    } finally {
      await store.close()
    }
  },
})
