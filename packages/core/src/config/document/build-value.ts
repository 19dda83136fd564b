import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml'
import type { Alias, Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { closest } from '@engage-sync/contract'
import { shownKey } from '../secrets/quote.ts'
import type { ConfigDocument } from './document.ts'
import type { Place, Span } from './place.ts'

const MAX_DEPTH = 64
const MAX_UNFOLDED = 10_000

interface Built {
  readonly value: unknown
  readonly place: Place
}

interface Walk {
  readonly document: ConfigDocument
  readonly anchors: Map<string, Node>
  /** Anchored nodes being walked: an alias to one of them would contain itself. */
  readonly open: Set<Node>
  /** Values produced through aliases so far. */
  unfolded: number
  aliasDepth: number
  /** Where the walk is, and so how deep. */
  readonly path: (string | number)[]
  isBroken: boolean
}

const spanOf = (node: { range?: readonly number[] | null }): Span => ({
  start: node.range?.[0] ?? 0,
  end: node.range?.[1] ?? 0,
})

/** Turns a YAML tree into a JSON value and its places; what JSON cannot hold is reported. */
export function buildValue(document: ConfigDocument, yaml: Document.Parsed): void {
  const root = yaml.contents
  if (root === null || (isScalar(root) && root.value === null)) {
    document.report('YAML_EMPTY', document.toRange({ start: 0, end: 0 }), {
      message: 'the file is empty',
      hint: 'Begin with `version: 1`.',
    })
    return
  }
  const walk: Walk = {
    document,
    anchors: new Map(),
    open: new Set(),
    unfolded: 0,
    aliasDepth: 0,
    path: [],
    isBroken: false,
  }
  const built = build(walk, root, null)
  if (walk.isBroken) return
  document.value = built.value
  document.root = built.place
}

function build(walk: Walk, node: Node, key: Span | null): Built {
  if (walk.path.length > MAX_DEPTH) return tooDeep(walk, node, key)
  if (walk.aliasDepth > 0) walk.unfolded += 1
  if (isAlias(node)) return buildAlias(walk, node, key)
  if (isOfOddType(node)) return oddType(walk, node, key)
  if ('anchor' in node && node.anchor !== undefined) walk.anchors.set(node.anchor, node)
  walk.open.add(node)
  const built = isMap(node)
    ? buildMap(walk, node, key)
    : isSeq(node)
      ? buildSeq(walk, node, key)
      : buildScalar(walk, node as Scalar, key)
  walk.open.delete(node)
  return built
}

/** The tags that say what a value is without them, too. */
const PLAIN_TAGS: ReadonlySet<string> = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
)

/**
 * Tags of YAML for what JSON does not have, such as `!!binary` and `!!set`: the parser takes them.
 */
function isOfOddType(node: Node): boolean {
  const tag = 'tag' in node ? (node.tag as string | undefined) : undefined
  return tag !== undefined && tag.startsWith('tag:yaml.org,2002:') && !PLAIN_TAGS.has(tag)
}

/**
 * Stands in lists for what is left out, so that the places of the others stay; members of mappings
 * are left out.
 */
const STAND_IN = '?'

function oddType(walk: Walk, node: Node, key: Span | null): Built {
  walk.document.markDamaged(walk.path)
  const { start, end } = spanOf(node)
  const tagAt = walk.document.text.slice(0, start).search(/!\S*\s*$/u)
  walk.document.report(
    'YAML_TAG',
    walk.document.toRange({ start: tagAt < 0 ? start : tagAt, end }),
    {
      message: 'tags are not taken',
      hint: 'Write the plain value: a text, a number, `true`, `false`, a list or a mapping.',
    },
  )
  return leaf(STAND_IN, spanOf(node), key)
}

/** Most values have no members; they share this. */
const NO_MEMBERS: Place['members'] = new Map()

function leaf(value: unknown, span: Span, key: Span | null): Built {
  return { value, place: { value: span, key, members: NO_MEMBERS, scalar: null } }
}

function tooDeep(walk: Walk, node: Node, key: Span | null): Built {
  walk.isBroken = true
  walk.document.report('YAML_TOO_DEEP', walk.document.toRange(spanOf(node)), {
    message: `expected values nested at most ${MAX_DEPTH} levels deep`,
    hint: 'Join conditions by one `all` or `any` instead of nesting them.',
  })
  return leaf(null, spanOf(node), key)
}

function buildScalar(walk: Walk, node: Scalar, key: Span | null): Built {
  const span = spanOf(node)
  const value = node.value
  if (typeof value === 'number' && !isExact(value, node.source)) {
    walk.document.markDamaged(walk.path)
    walk.document.report('YAML_NUMBER', walk.document.toRange(span), {
      message: `${node.source} cannot be held exactly as a number`,
      hint: Number.isFinite(value)
        ? `Write '${node.source}' in quotes if it is a text such as an id.`
        : 'Write a number in digits.',
    })
    return leaf(0, span, key)
  }
  return {
    value,
    place: {
      value: span,
      key,
      members: NO_MEMBERS,
      scalar: typeof value === 'string' ? node : null,
    },
  }
}

function isExact(value: number, source: string | undefined): boolean {
  if (!Number.isFinite(value)) return false
  return !Number.isInteger(value) || Number.isSafeInteger(value) || /[.e]/i.test(source ?? '')
}

function buildSeq(walk: Walk, node: YAMLSeq, key: Span | null): Built {
  const value: unknown[] = []
  const members = new Map<string, Place>()
  for (const item of node.items) {
    walk.path.push(value.length)
    const child = build(walk, item as Node, null)
    walk.path.pop()
    if (walk.isBroken) break
    members.set(String(value.length), child.place)
    value.push(child.value)
  }
  return { value, place: { value: spanOf(node), key, members, scalar: null } }
}

function buildMap(walk: Walk, node: YAMLMap, key: Span | null): Built {
  const entries: [string, unknown][] = []
  const members = new Map<string, Place>()
  for (const pair of node.items) {
    const name = keyName(walk, pair)
    const first = name === null ? undefined : members.get(name)
    if (name === null || first !== undefined) {
      if (name !== null && first !== undefined) reportRepeated(walk, pair, { name, first })
      walk.document.markDamaged(walk.path)
      continue
    }
    const keySpan = spanOf(pair.key as Scalar)
    walk.path.push(name)
    const child = isNode(pair.value)
      ? build(walk, pair.value, keySpan)
      : leaf(null, keySpan, keySpan)
    if (hasForeignTag(pair.value)) walk.document.markDamaged(walk.path)
    walk.path.pop()
    if (walk.isBroken) break
    members.set(name, child.place)
    if (hasForeignTag(pair.value)) continue
    entries.push([name, child.value])
  }
  return {
    value: Object.fromEntries(entries),
    place: { value: spanOf(node), key, members, scalar: null },
  }
}

/** A tag such as `!env`, reported by the parser: the value was meant to be another one. */
function hasForeignTag(node: unknown): boolean {
  const tag = isNode(node) && 'tag' in node ? node.tag : undefined
  return tag !== undefined && !PLAIN_TAGS.has(tag)
}

function keyName(walk: Walk, pair: Pair): string | null {
  const { document } = walk
  const key = pair.key
  if (!isScalar(key) || key.value === null || key.value === '') {
    const span =
      isNode(key) && (key.range?.[1] ?? 0) > 0
        ? spanOf(key)
        : isNode(pair.value)
          ? spanOf(pair.value)
          : { start: 0, end: 0 }
    document.report('YAML_KEY', document.toRange(span), {
      message: 'expected a text as key',
      hint:
        isScalar(key) && key.value === ''
          ? 'Give the key a name.'
          : "Put the key in 'quotes' if it is meant so.",
    })
    return null
  }
  const name = key.type === 'PLAIN' ? (key.source ?? String(key.value)) : String(key.value)
  if (name !== '<<') return name
  document.report('YAML_MERGE_KEY', document.toRange(spanOf(key)), {
    message: 'merge keys are not part of YAML 1.2',
    hint: 'Use `defaults:` for what mappings have in common, or write the values out.',
  })
  return null
}

function reportRepeated(
  { document }: Walk,
  { key }: Pair,
  { name, first }: { readonly name: string; readonly first: Place },
): void {
  const { line } = document.toRange(first.key ?? first.value)
  document.report('YAML_DUPLICATE_KEY', document.toRange(spanOf(key as Scalar)), {
    message: `"${shownKey(name)}" stands in this mapping already, on line ${line}`,
    hint: 'Keep one of them.',
  })
}

function buildAlias(walk: Walk, node: Alias, key: Span | null): Built {
  const { document } = walk
  const target = walk.anchors.get(node.source)
  if (target === undefined || walk.open.has(target)) {
    const near = closest(node.source, [...walk.anchors.keys()])
    document.report('YAML_ALIAS', document.toRange(spanOf(node)), {
      message:
        target === undefined
          ? `no anchor &${node.source} stands before this alias`
          : `*${node.source} would contain itself`,
      hint:
        near !== null && target === undefined ? `Did you mean *${near}?` : 'Write the value out.',
    })
    walk.isBroken = true
    return leaf(null, spanOf(node), key)
  }
  walk.aliasDepth += 1
  const built =
    walk.unfolded > MAX_UNFOLDED ? leaf(null, spanOf(node), key) : build(walk, target, key)
  walk.aliasDepth -= 1
  if (walk.unfolded > MAX_UNFOLDED && walk.aliasDepth === 0) reportUnfolded(walk, node)
  return built
}

function reportUnfolded(walk: Walk, node: Alias): void {
  walk.isBroken = true
  walk.document.report('YAML_ALIAS_LIMIT', walk.document.toRange(spanOf(node)), {
    message: `aliases unfold to more than ${MAX_UNFOLDED.toLocaleString('en')} values here`,
    hint: 'Write the values out, or use `defaults:`.',
  })
}
