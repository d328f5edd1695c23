import { defineConfig } from 'rolldown'
import { fileURLToPath } from 'node:url'
import { createRequire } from 'node:module'
import type licensePlugin from 'rollup-plugin-license'
import { thirdPartyNotice } from './scripts/third-party-notice.ts'

// The plugin is CommonJS, whose types promise an ES module.
const license = createRequire(import.meta.url)('rollup-plugin-license') as typeof licensePlugin.default

/** Licences that may travel inside the bundle; anything else fails the build. */
const ALLOWED_LICENCES = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD']

export default defineConfig({
  input: { cli: 'src/cli.ts' },
  platform: 'node',
  // Comments of dependencies that say nothing about their licence would make up half of the package.
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    cleanDir: true,
    // What every run needs, as one file: each module more costs milliseconds at the start.
    codeSplitting: {
      groups: [{ name: 'base', test: /\/src\/(lib|spec)\/|\/src\/ui\/io|\/src\/commands\/session|\/commander\// }],
    },
    comments: { jsdoc: false, annotation: false, legal: true },
  },
  plugins: [
    license({
      thirdParty: {
        allow: {
          test: ({ license: name }) => ALLOWED_LICENCES.includes(name ?? ''),
          failOnUnlicensed: true,
          failOnViolation: true,
        },
        output: {
          file: fileURLToPath(new URL('THIRD-PARTY-LICENSES.md', import.meta.url)),
          template: thirdPartyNotice,
        },
      },
    }),
  ],
})
