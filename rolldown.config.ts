import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { defineConfig } from 'rolldown'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRequire } from 'node:module'
import type licensePlugin from 'rollup-plugin-license'
import type { Plugin } from 'rolldown'
import { thirdPartyNotice } from './scripts/third-party-notice.ts'

// The plugin is CommonJS, whose types promise an ES module.
const license = createRequire(import.meta.url)('rollup-plugin-license') as typeof licensePlugin.default

/** Licences that may travel inside the bundle; anything else fails the build. */
const ALLOWED_LICENCES = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD']

/** Commander loads it for subcommands that are programs of their own, of which there are none; every run would wait for it. */
const CHILD_PROCESS = "require('node:child_process')"
const lightCommander: Plugin = {
  name: 'light-commander',
  transform: {
    filter: { id: /\/commander\/lib\/command\.js$/ },
    handler: (code) => {
      if (!code.includes(CHILD_PROCESS)) throw new Error('commander loads child_process no more: remove this plugin')
      return code.replace(CHILD_PROCESS, '{}')
    },
  },
}

/** How much colour there is we find out ourselves, so chalk need not load what it finds it out with. */
const lightChalk: Plugin = {
  name: 'light-chalk',
  resolveId: {
    filter: { id: /^#supports-color$/ },
    handler: (_, importer) => join(dirname(importer!), 'vendor', 'supports-color', 'browser.js'),
  },
}

/** The types of what the package exports stand in one file, which imports nothing of ours. */
const declarations: Plugin = {
  name: 'declarations',
  generateBundle() {
    const file = fileURLToPath(new URL('src/index.ts', import.meta.url))
    const { outputText, diagnostics = [] } = ts.transpileDeclaration(readFileSync(file, 'utf8'), { fileName: file })
    if (diagnostics.length > 0) throw new Error(ts.flattenDiagnosticMessageText(diagnostics[0]!.messageText, '\n'))
    if (/from '\./.test(outputText)) throw new Error('src/index.ts exports a type of another file')
    this.emitFile({ type: 'asset', fileName: 'index.d.ts', source: outputText })
  },
}

/** Native add-ons that ws would look for wherever it is installed, and finds nowhere in a bundle. */
const WITHOUT_ADD_ONS = { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' }

export default defineConfig({
  input: { cli: 'src/cli.ts', index: 'src/index.ts' },
  platform: 'node',
  // An extra that 'debug' looks for at run time, in whatever folder the package was installed.
  resolve: { alias: { 'supports-color': false } },
  transform: { define: WITHOUT_ADD_ONS },
  // Comments of dependencies that say nothing about their licence would make up half of the package.
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    cleanDir: true,
    // Each file and each line that is loaded costs time. So there is one file for every run, one for every command and
    // its errors, one for what commands share, and nothing in them that is needed more seldom.
    codeSplitting: {
      groups: [
        { name: 'base', tags: ['$initial'], test: /^(?!.*\/src\/(cli|index)\.ts$)/ },
        {
          name: 'run',
          test: /\/src\/(lib\/|inputs\/given|run\/(session|tell-error)|ui\/(io|ci|error-view|render-error|text|style)\.)|\/chalk\//,
        },
        {
          name: 'commands',
          test: /\/src\/(commands\/(?!local|completion|verify)|run\/(?!local|save)|engine\/|resources\/|sizing\/|wanted\/|inputs\/|ui\/(?!live-reporter))/,
        },
      ],
    },
    comments: { jsdoc: false, annotation: false, legal: true },
  },
  plugins: [
    lightCommander,
    lightChalk,
    declarations,
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
