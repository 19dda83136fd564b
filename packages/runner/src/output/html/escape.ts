const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** How lines begin that GitHub takes for commands: a page may be printed into its log. */
const OBEYED = /:(?=:)|#(?=#\[)/g

/** Text that HTML and SVG take as text, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replace(OBEYED, (character) => `&#${character.charCodeAt(0)};`)
}
