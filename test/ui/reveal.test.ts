import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const SRC = join(import.meta.dirname, '../../src')
/** The only files that may turn a Secret into text: what prints connections, tells CI to mask them, connects with them or hands them on. */
const MAY_REVEAL =
  /^(lib\/secret|ui\/(ci|connection\/(render-connection|formats|kafka))|commands\/local-exec|run\/storage|lib\/blob\/authorize|data\/(connection-target|kafka\/kafka-brokers|open-clients))\.ts$/
/** They make the secrets. */
const SOURCES = /^(azure|local)\//

it('secrets become text in few files', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !SOURCES.test(file))
  const revealing = files.filter((file) => /\breveal\s*\(/.test(readFileSync(join(SRC, file), 'utf8')))
  expect(revealing).not.toHaveLength(0)
  expect(revealing.filter((file) => !MAY_REVEAL.test(file))).toEqual([])
})
