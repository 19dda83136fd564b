import type { RecipeFilter, RecipeNode } from './recipe-node.ts'

const HEADINGS = {
  AND: 'all of these (AND):',
  OR: 'at least one of these (OR):',
  TYPE: 'the one that fits the data type Braze shows for the attribute:',
} as const

/** A recipe in words: one line a filter, indented by how they are joined. */
export function recipeLines(node: RecipeNode, depth = 1): readonly string[] {
  const indent = '  '.repeat(depth)
  if (node.join === null) return [indent + filterLine(node.filter)]
  const parts = node.parts.flatMap((part) => {
    if (node.join !== 'TYPE') return recipeLines(part, depth + 1)
    return [`${indent}  ${typeOf(part)}:`, ...recipeLines(part, depth + 2)]
  })
  return [indent + HEADINGS[node.join], ...parts]
}

function typeOf(node: RecipeNode): string {
  if (node.join === null) return node.filter.type ?? 'any'
  const [first] = node.parts
  return first === undefined ? 'any' : typeOf(first)
}

function filterLine(filter: RecipeFilter): string {
  const { kind, name, path, operator, values, days, property } = filter
  const shown = values.map((value) => JSON.stringify(value)).join(', ')
  if (kind === 'Segment Cohorts') return `${kind} ${operator} ${JSON.stringify(name)}`
  if (kind.includes('Custom Event')) {
    const only =
      property === null
        ? ''
        : ` with property ${JSON.stringify(property.name)} equal to ${JSON.stringify(property.value)}`
    const within = days === null ? '' : ` in the past ${days} calendar days`
    return `${kind} ${JSON.stringify(name)}${only} ${operator} ${shown} times${within}`
  }
  const what = `${kind} ${JSON.stringify([name, ...path].join('.'))}`
  return operator.includes('…')
    ? `${what} ${operator.replace('…', shown)}`
    : `${what} ${operator}${shown === '' ? '' : ` ${shown}`}`
}
