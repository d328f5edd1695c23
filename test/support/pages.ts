import { readdirSync, readFileSync } from 'node:fs'

/** A paper of the project: its path from the root, and its text. */
export interface Page {
  readonly path: string
  readonly text: string
}

const pageAt = (path: string): Page => ({ path, text: readFileSync(path, 'utf8').replaceAll('\r\n', '\n') })

/** What users read: the README and the pages in docs. */
export const USER_PAGES: readonly Page[] = [
  'README.md',
  ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') && name !== 'decisions.md' ? [`docs/${name}`] : [])),
].map(pageAt)

export const ALL_PAGES: readonly Page[] = [
  ...USER_PAGES,
  ...['docs/decisions.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'].map(pageAt),
]

export interface Block {
  readonly page: string
  /** `sh`, `yaml`, or what else follows the fence. */
  readonly language: string
  /** Whether `<!-- test -->` stands above it. */
  readonly isMarked: boolean
  readonly text: string
}

const BLOCK = /(<!-- test -->\n\n)?^```(\w*)\n([^]*?)^```$/gm

/** The fenced blocks of a page. */
export const blocksOf = ({ path, text }: Page): readonly Block[] =>
  [...text.matchAll(BLOCK)].map(([, mark, language = '', block = '']) => ({
    ...{ page: path, language, isMarked: mark !== undefined },
    text: block,
  }))

/** What stands between backticks in the prose and the tables of a page, where a bar is written `\|`. */
export const codeIn = ({ text }: Page): readonly string[] =>
  [...text.replaceAll(BLOCK, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code.replaceAll('\\|', '|'))
