import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PICTURES, takePicture } from './take-picture.ts'
import { renderTerminal } from './terminal-svg.ts'

/** Makes the pictures of the README: `npm run pictures`. */
for (const name of PICTURES) {
  const { lines, title, columns } = await takePicture(name)
  const svg = renderTerminal(lines, { columns, title })
  if (/SharedAccessKey=[\w+/]/.test(svg)) throw new Error(`a key got into the picture ${name}`)
  writeFileSync(join(import.meta.dirname, '..', 'docs', `${name}.svg`), svg)
}
