import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { PICTURES, takePicture } from '../../scripts/take-picture.ts'
import { renderTerminal } from '../../scripts/terminal-svg.ts'
import { canOpenTerminal } from '../support/terminal.ts'

/** The words of a drawing, without what differs from run to run: times, process ids, made-up names, where a column begins. */
const wordsOf = (svg: string): readonly string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) =>
    text
      .replaceAll(/\d+(\.\d+)? ?(s|ms)\b/g, 'TIME')
      .replaceAll(/process \d+/g, 'process ID')
      .replaceAll(/ml-ingest-[a-z0-9]{8}\b/g, 'NAMESPACE'),
  )

describe.runIf(canOpenTerminal)('the pictures of the README', () => {
  test.each(PICTURES)('%s shows what the program shows today', async (name) => {
    const { lines, columns, title } = await takePicture(name)
    const drawn = readFileSync(`docs/${name}.svg`, 'utf8')
    const fresh = renderTerminal(lines, { columns, title })
    expect(wordsOf(drawn), 'to draw it anew: npm run pictures').toEqual(wordsOf(fresh))
  })
})
