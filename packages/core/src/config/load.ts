import type { NormalisedCases } from '../model/case.ts'
import type { NormalisedEnvironment, NormalisedProject } from '../model/environment.ts'
import type { NormalisedSync } from '../model/sync.ts'
import type { CasesConfig } from '../schema/cases.ts'
import type { ProjectConfig } from '../schema/project.ts'
import type { SyncConfig } from '../schema/sync.ts'
import { compareDiagnostics } from './document/diagnostics.ts'
import type { Diagnostic } from './document/diagnostics.ts'
import { inNaturalOrder } from '../names/index.ts'
import { ConfigDocument } from './document/document.ts'
import { isProjectFile, kindOfFile, PROJECT_FILE_NAME, syncNameOf } from './document/file-kind.ts'
import type { ConfigFile } from './document/file-kind.ts'
import { parseConfig } from './document/parse.ts'
import { normaliseCases, normaliseProject, normaliseSync, rangesOf } from './normalise/index.ts'
import { RULES } from './rules/index.ts'
import type {
  LoadedCases,
  LoadedProject,
  LoadedSync,
  LoadOptions,
  RuleContext,
} from './rules/index.ts'
import { checkShape } from './shape/index.ts'

/** The configuration in long form, and everything that is wrong with it. */
export interface LoadedConfig {
  /** Null when there is no readable project file. */
  readonly project: NormalisedProject | null
  /** By path. What could not be read is missing; use it only when `diagnostics` has no error. */
  readonly syncs: readonly NormalisedSync[]
  readonly cases: readonly NormalisedCases[]
  /** Sorted by file and place. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads a whole configuration directory and checks it.
 *
 * Shape: files in any order in; syncs and cases by path, and every mistake, out. Pure: needs no
 * network, no secrets, no environment variables.
 */
export function loadConfig(files: readonly ConfigFile[], options: LoadOptions = {}): LoadedConfig {
  const documents = files
    .toSorted((a, b) => inNaturalOrder(a.path, b.path))
    .map((file) => parseConfig(file.path, file.text))
  const project = loadProject(documents, options.environment)
  const environment = project?.project.environment ?? null
  const shaped = documents.flatMap(shapeOf)
  const { syncs, cases } = normaliseFiles(shaped, environment)
  const context = { documents, project, environment, syncs, cases, options }
  for (const rule of RULES) rule(context)
  if (options.everyEnvironment === true && project !== null) checkOthers(context, project, shaped)
  const diagnostics = [...documents, missingProject(documents)].flatMap(
    (document) => document.diagnostics,
  )
  return {
    project: project?.project ?? null,
    syncs: syncs.map(({ sync }) => sync),
    cases: cases.map((loaded) => loaded.cases),
    diagnostics: diagnostics.toSorted(compareDiagnostics),
  }
}

/** A sync or cases file whose shape was checked. */
interface ShapedFile {
  readonly document: ConfigDocument
  readonly kind: 'sync' | 'cases'
  readonly config: unknown
}

function shapeOf(document: ConfigDocument): readonly ShapedFile[] {
  const kind = kindOfFile(document.path)
  const config = kind === 'project' ? undefined : checkShape(document, kind)
  return kind === 'project' || config === undefined ? [] : [{ document, kind, config }]
}

function normaliseFiles(
  files: readonly ShapedFile[],
  environment: NormalisedEnvironment | null,
): Pick<RuleContext, 'syncs' | 'cases'> {
  const syncs: LoadedSync[] = []
  const cases: LoadedCases[] = []
  for (const { document, kind, config } of files) {
    const name = syncNameOf(document.path)
    const ranges = rangesOf(document)
    if (kind === 'sync')
      syncs.push({
        document,
        config: config as SyncConfig,
        sync: normaliseSync(config as SyncConfig, { name, ranges, environment }),
      })
    else
      cases.push({
        document,
        config: config as CasesConfig,
        cases: normaliseCases(config as CasesConfig, name, ranges),
      })
  }
  return { syncs, cases }
}

/**
 * Looks at the same files as each other environment would; what was found already is not told
 * again.
 */
function checkOthers(
  context: RuleContext,
  loaded: LoadedProject,
  files: readonly ShapedFile[],
): void {
  for (const environment of loaded.project.environments.values()) {
    if (environment === context.environment) continue
    const project = { ...loaded, project: { ...loaded.project, environment } }
    const options = { environment: environment.name }
    for (const rule of RULES)
      rule({ ...context, project, environment, options, ...normaliseFiles(files, environment) })
  }
}

function loadProject(
  documents: readonly ConfigDocument[],
  environment: string | undefined,
): LoadedProject | null {
  const document = documents.find(({ path }) => isProjectFile(path))
  if (document === undefined) return null
  const config = checkShape(document, 'project')
  if (config === undefined) return null
  return {
    document,
    config: config as ProjectConfig,
    project: normaliseProject(config as ProjectConfig, rangesOf(document), environment),
  }
}

/**
 * Stands for the project file where there is none; a mistake of the directory has a file, but no
 * line.
 */
function missingProject(documents: readonly ConfigDocument[]): ConfigDocument {
  const [directory = ''] = documents
    .map(({ path }) => path.replace(/[^/]*$/, ''))
    .toSorted((a, b) => a.length - b.length)
  const missing = new ConfigDocument(`${directory}${PROJECT_FILE_NAME}`, '')
  if (!documents.some(({ path }) => isProjectFile(path))) {
    missing.report('CONFIG_NO_PROJECT', missing.toRange({ start: 0, end: 0 }), {
      message: `there is no ${PROJECT_FILE_NAME} in this directory`,
      hint: 'Run `engage-sync init`, or name the directory with `--configs DIR`.',
    })
  }
  return missing
}
