import {
  costsOf,
  lastChanges,
  makeCatalog,
  renderCatalogMarkdown,
  renderCatalogPage,
} from '../catalog/index.ts'
import type { Costs } from '../catalog/index.ts'
import { formatOption } from '../command-line/options.ts'
import { defineCommand } from '../command-line/command.ts'
import type { GlobalFlags } from '../command-line/command.ts'
import { renderJson } from '../output/formats/json.ts'
import { EXIT } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { compileContext } from '../workspace/configuration/compile-context.ts'
import { readRunnableConfig } from '../workspace/configuration/config-files.ts'
import { openAsFarAsKnown } from '../workspace/environment/open-environment.ts'
import { writeOut } from '../workspace/files/write-out.ts'
import { openState } from '../workspace/state/open-state.ts'

const FORMATS = ['html', 'markdown', 'json'] as const

interface CatalogFlags {
  readonly format: (typeof FORMATS)[number]
  readonly out?: string
}

/** How far back costs are looked for. */
const MOST_RUNS = 10_000

/** `catalog`: what goes where, with owners, types, costs, timing and the last change. */
export const catalogCommand = defineCommand<CatalogFlags>({
  configure(command) {
    command
      .addOption(formatOption(FORMATS).default('html'))
      .option('--out <file>', 'write it here instead of to standard output')
  },
  async run(io, flags) {
    const named = flags.isEnvDefault === true ? {} : { environment: flags.env }
    const config = readRunnableConfig({ configs: flags.configs, cwd: io.cwd, ...named })
    const environment = config.project?.environment ?? null
    const catalog = makeCatalog({
      environment: environment?.name ?? null,
      syncs: config.syncs,
      context: compileContext(environment),
      costs: await readCosts(io, flags),
      changes: lastChanges(config.syncs, io.cwd),
    })
    const text = {
      html: renderCatalogPage,
      markdown: renderCatalogMarkdown,
      json: renderJson,
    }[flags.format](catalog)
    if (flags.out === undefined) io.stdout.write(text)
    else {
      await writeOut({ name: flags.out, cwd: io.cwd }, text)
      io.stdout.write(`Wrote the catalogue to ${flags.out}.\n`)
    }
    return EXIT.done
  },
})

/** What the history tells; null where there is none, or it cannot be read: a catalogue needs no secret. */
async function readCosts(io: Io, flags: GlobalFlags): Promise<Costs | null> {
  try {
    const { environment, place } = openAsFarAsKnown(io, flags)
    const wanted = { create: 'never', access: 'read', rebind: true } as const
    const store = await openState({ environment, root: place.root, ...wanted })
    try {
      return costsOf(await store.runs(MOST_RUNS), io.now())
    } finally {
      await store.close()
    }
  } catch {
    return null
  }
}
