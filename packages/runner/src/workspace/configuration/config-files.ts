import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import type { Dirent } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadConfig, SyncError } from '@engage-sync/core'
import type { ConfigFile, Diagnostic, LoadedConfig } from '@engage-sync/core'

/** A configuration directory, read and checked. */
export interface ReadConfig extends LoadedConfig {
  /** Absolute path that relative paths in the configuration start at: the parent of the directory. */
  readonly root: string
  readonly files: readonly ConfigFile[]
}

/** The configuration has errors; they are its `diagnostics`. */
export class ConfigInvalidError extends SyncError {
  override name = 'ConfigInvalidError'
  readonly config: ReadConfig

  constructor(config: ReadConfig) {
    const found = config.diagnostics.filter(isError)
    const errors = found.length
    const [first] = found
    super(
      'CONFIG_INVALID',
      `The configuration has ${errors} ${errors === 1 ? 'error' : 'errors'}`,
      {
        hint: 'Run `engage-sync validate` to see each with its place.',
        ...(first !== undefined && { place: `${first.path}:${first.line}:${first.column}` }),
      },
    )
    this.config = config
  }
}

/** Whether a diagnostic is an error. */
export function isError({ severity }: Diagnostic): boolean {
  return severity === 'error'
}

/**
 * Reads the YAML files of a configuration directory and its sub-folders. Paths in the result are as a person would type them.
 *
 * @throws {SyncError} `CONFIG_MISSING` when there is no such directory or no file in it, `CONFIG_UNREADABLE`
 */
export function readConfigFiles(directory: string, cwd: string): readonly ConfigFile[] {
  const path = resolve(cwd, directory)
  const names = listYaml(path, directory)
  if (names.length === 0) {
    throw new SyncError('CONFIG_MISSING', `${directory} holds no YAML file`, {
      hint: 'Start with `engage-sync init`, or name the directory with --configs DIR.',
    })
  }
  return names.map((name) => ({
    path: join(directory, name),
    text: readText(join(path, name), join(directory, name)),
  }))
}

/** Reads and checks a configuration directory; mistakes are in the result, not thrown. */
export function readConfig(place: {
  readonly configs: string
  readonly cwd: string
  readonly environment?: string
}): ReadConfig {
  const files = readConfigFiles(place.configs, place.cwd)
  const loaded = loadConfig(
    files,
    place.environment === undefined ? {} : { environment: place.environment },
  )
  return { ...loaded, files, root: resolve(place.cwd, place.configs, '..') }
}

/**
 * The same, for commands that need a sound configuration.
 *
 * @throws {ConfigInvalidError} `CONFIG_INVALID`
 */
export function readValidConfig(place: Parameters<typeof readConfig>[0]): ReadConfig {
  const config = readConfig(place)
  if (config.diagnostics.some(isError)) throw new ConfigInvalidError(config)
  return config
}

/**
 * The same, for commands that run syncs and no cases: mistakes in cases are left to `test` and `validate`.
 *
 * @throws {ConfigInvalidError} `CONFIG_INVALID`
 */
export function readRunnableConfig(place: Parameters<typeof readConfig>[0]): ReadConfig {
  const config = readConfig(place)
  const diagnostics = config.diagnostics.filter(({ path }) => !isCasesFile(path))
  if (diagnostics.some(isError)) throw new ConfigInvalidError({ ...config, diagnostics })
  return config
}

function isCasesFile(path: string): boolean {
  return /\.cases\.ya?ml$/i.test(path)
}

/** Whether a file below the configuration directory is part of the configuration, by its path there: YAML, neither hidden nor of a package. */
export function isConfigFile(path: string): boolean {
  return /\.ya?ml$/i.test(path) && !isPassedOver(path)
}

function isPassedOver(path: string): boolean {
  return path.split('/').some((name) => name.startsWith('.') || name === 'node_modules')
}

function listYaml(path: string, shown: string): readonly string[] {
  try {
    return yamlBelow(path, '', new Set()).toSorted()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw unreadable(shown, code)
    throw new SyncError('CONFIG_MISSING', `There is no directory ${shown}`, {
      hint: 'Start with `engage-sync init`, or name the directory with --configs DIR.',
    })
  }
}

/**
 * Paths of YAML files below a directory. Directories that links lead to are read too, and each
 * once, since links may lead in a circle.
 */
function yamlBelow(root: string, below: string, seen: Set<string>): readonly string[] {
  const directory = realpathSync(join(root, below))
  if (seen.has(directory)) return []
  seen.add(directory)
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name)
    if (isPassedOver(path)) return []
    // A directory named like a file is found out when it is read.
    if (isConfigFile(path)) return [path]
    return isDirectory(directory, entry) ? yamlBelow(root, path, seen) : []
  })
}

function isDirectory(directory: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  return statSync(join(directory, entry.name), { throwIfNoEntry: false })?.isDirectory() === true
}

function readText(path: string, shown: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path))
  } catch (error) {
    if (error instanceof TypeError) throw notUtf8(shown)
    throw unreadable(shown, (error as NodeJS.ErrnoException).code)
  }
}

function notUtf8(shown: string): SyncError {
  return new SyncError('CONFIG_UNREADABLE', `${shown} is not UTF-8 text`, {
    hint: 'Save it with that encoding.',
  })
}

function unreadable(shown: string, code: string | undefined): SyncError {
  return new SyncError('CONFIG_UNREADABLE', `${shown} cannot be read (${code ?? 'unknown'})`, {
    hint: 'Check that it exists and may be read.',
  })
}
