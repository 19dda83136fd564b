import { parseDocument } from 'yaml'
import type { Document, YAMLError } from 'yaml'
import { buildValue } from './build-value.ts'
import type { ConfigCode } from './codes.ts'
import { ConfigDocument } from './document.ts'

/** Longest configuration file, in UTF-16 units. */
export const MAX_FILE_LENGTH = 1_048_576

/**
 * Parses one YAML file.
 *
 * Shape: text in, a document out, always; what cannot be read leaves `value` undefined and says why
 * in `diagnostics`.
 */
export function parseConfig(path: string, source: string): ConfigDocument {
  const document = new ConfigDocument(path, source.startsWith('\uFEFF') ? source.slice(1) : source)
  if (source.length > MAX_FILE_LENGTH) {
    document.report('YAML_TOO_LARGE', document.toRange({ start: 0, end: 0 }), {
      message: `expected at most 1 MB of configuration in a file, got ${(source.length / 1_048_576).toFixed(1)} MB`,
      hint: 'Split the sync into several files.',
    })
    return document
  }
  const yaml = readYaml(document)
  if (yaml !== null) buildValue(document, yaml)
  return document
}

function readYaml(document: ConfigDocument): Document.Parsed | null {
  try {
    const yaml = parseDocument(document.text, {
      uniqueKeys: false,
      prettyErrors: false,
      merge: false,
    })
    for (const problem of yaml.warnings) reportProblem(document, problem)
    const first = yaml.errors.toSorted((a, b) => a.pos[0] - b.pos[0])[0]
    if (first !== undefined) reportProblem(document, first)
    if (yaml.directives.yaml.explicit) reportDirective(document)
    return yaml.errors.length === 0 ? yaml : null
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    document.report('YAML_TOO_DEEP', document.toRange({ start: 0, end: 0 }), {
      message: 'expected values nested at most 64 levels deep',
      hint: 'Join conditions by one `all` or `any` instead of nesting them.',
    })
    return null
  }
}

function reportDirective(document: ConfigDocument): void {
  const start = document.text.indexOf('%YAML')
  const end = start + document.text.slice(start).search(/\r?\n|$/)
  document.report('YAML_DIRECTIVE', document.toRange({ start, end }), {
    message: 'directives are not taken: files are read as YAML 1.2',
    hint: 'Remove the line.',
  })
}

interface Problem {
  readonly code: ConfigCode
  readonly message: string
  readonly hint?: string
}

const SYNTAX: Readonly<Record<string, Problem>> = {
  TAB_AS_INDENT: { code: 'YAML_TAB', message: 'a tab cannot indent', hint: 'Use spaces.' },
  BAD_INDENT: {
    code: 'YAML_INDENT',
    message: 'this line is indented differently from its neighbours',
    hint: 'Line it up with the keys beside it.',
  },
  MULTIPLE_DOCS: {
    code: 'YAML_SEVERAL_DOCUMENTS',
    message: 'a second document begins here',
    hint: 'Put it in a file of its own; each sync is one file.',
  },
  TAG_RESOLVE_FAILED: {
    code: 'YAML_TAG',
    message: 'tags are not taken',
    hint: 'Write the plain value; secrets are `${NAME}` in the project file.',
  },
  BAD_ALIAS: {
    code: 'YAML_ALIAS',
    message: 'an alias has a name and cannot be a key',
    hint: 'Write `*name` as a value, or quote the text.',
  },
  BAD_DIRECTIVE: {
    code: 'YAML_DIRECTIVE',
    message: 'directives are not taken: files are read as YAML 1.2',
    hint: 'Remove the line.',
  },
  BAD_DQ_ESCAPE: {
    code: 'YAML_SYNTAX',
    message: 'an escape that YAML does not know in a "double-quoted" text',
    hint: "Use 'single quotes': backslashes are plain characters there.",
  },
  BAD_SCALAR_START: {
    code: 'YAML_SYNTAX',
    message: 'a text cannot start with this character',
    hint: "Put the text in 'quotes'.",
  },
  MISSING_CHAR: {
    code: 'YAML_SYNTAX',
    message: 'something is missing here: a closing quote or bracket, a comma, or a space',
    hint: 'Compare with the lines around it; texts with special characters go in quotes.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    code: 'YAML_SYNTAX',
    message: 'a second `:` on this line',
    hint: "Put a text that holds `: ` in 'quotes'.",
  },
  MULTILINE_IMPLICIT_KEY: {
    code: 'YAML_SYNTAX',
    message: 'a key must be followed by `:` on its own line',
    hint: 'Write `key: value`.',
  },
  KEY_OVER_1024_CHARS: {
    code: 'YAML_SYNTAX',
    message: 'a key must be followed by `:` within 1,024 characters',
    hint: 'Write `key: value`.',
  },
  BLOCK_IN_FLOW: {
    code: 'YAML_SYNTAX',
    message: 'the inside of `{ }` or `[ ]` cannot be written by indentation',
    hint: 'Write `[a, b]`, or put everything on lines of its own without brackets.',
  },
}

const OPEN_AT_END: Problem = {
  code: 'YAML_SYNTAX',
  message: 'the file ends inside a bracket or quote',
  hint: 'Close the last `{`, `[` or quote.',
}

const UNKNOWN_SYNTAX: Problem = {
  code: 'YAML_SYNTAX',
  message: 'this is not valid YAML here',
  hint: 'Compare with the lines around it; texts with special characters go in quotes.',
}

function reportProblem(document: ConfigDocument, problem: YAMLError): void {
  const [start, end] = problem.pos
  const length = document.text.length
  const isAtEnd = document.text.slice(start).trim() === '' && problem.code !== 'TAB_AS_INDENT'
  const known: Problem = isAtEnd ? OPEN_AT_END : (SYNTAX[problem.code] ?? UNKNOWN_SYNTAX)
  const from = Math.min(
    known.code === 'YAML_INDENT' ? start + document.text.slice(start).search(/[^ ]|$/) : start,
    length,
  )
  const { code, message, hint } = known
  document.report(
    code,
    document.toRange({ start: from, end: Math.min(Math.max(end, from), length) }),
    { message, ...(hint && { hint }) },
  )
}
