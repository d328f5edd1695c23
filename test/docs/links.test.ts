import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { ALL_PAGES, type Page } from '../support/pages.ts'

interface Link {
  readonly from: string
  readonly file: string
  readonly anchor: string | undefined
}

/** Links and pictures that lead to a file of the project. */
const linksOf = ({ path, text }: Page): readonly Link[] =>
  [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(([, target = '', anchor]) => ({
    ...{ from: path, anchor },
    file: target === '' ? path : posix.join(posix.dirname(path), target),
  }))

/** The anchors that GitHub and npm give the headings of a page. */
function anchorsOf({ text }: Page): readonly string[] {
  const headings = [...text.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return headings.map((one, i) => {
    const before = headings.slice(0, i).filter((other) => other === one).length
    return before === 0 ? one : `${one}-${before}`
  })
}

const LINKS = ALL_PAGES.flatMap(linksOf)

test('every link and picture leads to a file, and to a heading in it', () => {
  expect(LINKS.length).toBeGreaterThan(40)
  const dead = LINKS.filter(({ file, anchor }) => {
    if (!existsSync(file)) return true
    const page = ALL_PAGES.find(({ path }) => path === file)
    return anchor !== undefined && !(page && anchorsOf(page).includes(anchor))
  })
  expect(dead).toEqual([])
})

test('every page is reached from the README', () => {
  const reached = new Set(['README.md'])
  for (const page of reached) for (const link of LINKS) if (link.from === page) reached.add(link.file)
  expect(ALL_PAGES.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([])
})
