/** The page for people, and how its files are sent. */
export { sendPage } from './page.ts'
