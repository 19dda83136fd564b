/**
 * The anchor that GitHub gives a heading, so that a link works there and here.
 *
 * @see https://github.com/Flet/github-slugger
 */
export function slugOfGitHub(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
}
