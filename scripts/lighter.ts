import type { Plugin } from 'rolldown'
import { eitherSlash } from './either-slash.ts'

export interface Lighter {
  readonly name: string
  /** Paths of the files that it changes, with `/`. */
  readonly files: RegExp
  readonly change: (code: string) => string
}

/** A file that it cannot make lighter any more fails the build, so that nobody keeps a plugin for a package that has changed. */
export const lighter = ({ name, files, change }: Lighter): Plugin => ({
  name: `light-${name}`,
  transform: {
    filter: { id: eitherSlash(files) },
    handler: (code, id) => {
      const light = change(code)
      if (light === code) throw new Error(`${id} is written differently now`)
      return light
    },
  },
})

/**
 * Empties functions and methods by their names: `acquireTokenSilent`, `Type.forValue`, or `prototype.random` for that of each
 * class. Who calls one all the same is told so. Each has to be there, and to end in the column where it begins.
 */
export const without = (code: string, names: readonly string[]): string =>
  names.reduce((rest, name) => {
    const start = name.includes('.')
      ? `(?:\\w+\\.)?${name.replaceAll('.', '\\.')} = function ?`
      : `(?:async )?(?:function )?${name}`
    const whole = new RegExp(`^( *)(${start}\\()(?:.*\\}(;?)|.*\\{\\r?\\n[^]*?^\\1\\}(;?))\\r?\\n`, 'gm')
    const light = rest.replace(whole, (_, indent: string, head: string, short = '', long = '') => {
      return `${indent}${head}) { throw new Error('${name} was left out') }${short}${long}\n`
    })
    if (light === rest) throw new Error(`${name} is written differently now`)
    return light
  }, code)

/** Whether the code still refers to one that was emptied. */
export const refersTo = (code: string, name: string): boolean =>
  new RegExp(`\\b${name}\\b(?!\\(\\) \\{ throw new Error| was left out)`).test(code)
