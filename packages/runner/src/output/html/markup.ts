import { escapeHtml } from './escape.ts'

/** Markup that is safe to stand in a page: all that came into it as text was escaped. */
export class Markup {
  readonly text: string

  /** @param text - written by hand, or by `markup`; never a text from outside */
  constructor(text: string) {
    this.text = text
  }
}

/** What a template takes: texts and numbers are escaped, markup stands as it is, `null` is nothing. */
export type Part = string | number | Markup | null | readonly Part[]

/**
 * Markup with values in it, as a tag of a template.
 *
 * Shape: values in elements or in quoted attributes in; markup out in which they can end neither. Lists are joined.
 */
export function markup(written: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(String.raw({ raw: written }, ...parts.map(markupOf)))
}

function markupOf(part: Part): string {
  if (part === null) return ''
  if (part instanceof Markup) return part.text
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part))
  return part.map(markupOf).join('')
}

/** Nothing at all. */
export const NOTHING = new Markup('')
