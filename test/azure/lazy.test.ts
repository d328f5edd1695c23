import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const source = fileURLToPath(new URL('../../src', import.meta.url))
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file: file.replaceAll('\\', '/'), text: readFileSync(join(source, file), 'utf8') }))

/** Modules that a file loads as soon as it is loaded. */
const loadedBy = (text: string): readonly string[] =>
  [...text.matchAll(/^(?:import|export)(?! type\b)[^'"]*?from '([^']+)'|^import '([^']+)'/gm)].map(
    ([, from, bare]) => from ?? bare ?? '',
  )

describe('what is loaded late', () => {
  it('finds imports at all', () => {
    const clients = files.find(({ file }) => file === 'azure/arm-requests.ts')
    expect(loadedBy(clients?.text ?? '')).toContain('@azure/arm-eventhub/api')
  })

  it('nothing outside of src/azure and src/data loads the SDK with itself', () => {
    const eager = files
      .filter(({ file }) => !/^(azure|data)\//.test(file))
      .flatMap(({ file, text }) => loadedBy(text).map((module) => `${file} loads ${module}`))
      .filter((line) => /loads (?:\.\.?\/)+azure\/|@azure\//.test(line))
    expect(eager).toEqual([])
  })

  it('the adapter does not load @azure/identity before a sign-in is needed', () => {
    const eager = files.filter(({ text }) => loadedBy(text).includes('@azure/identity')).map(({ file }) => file)
    expect(eager).toEqual([])
  })
})
