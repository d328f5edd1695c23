import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { defineConfig } from 'rolldown'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'rolldown'
import { thirdPartyNotice } from './scripts/third-party-notice.ts'

/**
 * Commander imports whole modules of Node, whose parts are all set up for an import: every run would wait for it. Taken as
 * they are they cost nothing, and the one for subcommands that are programs of their own is not needed at all.
 */
const NODE_IMPORT = /^import (?:(\w+)|(\{[^}]*\})) from '(node:\w+)';$/gm
const lightCommander: Plugin = {
  name: 'light-commander',
  transform: {
    filter: { id: /\/commander\/lib\/(command|help)\.js$/ },
    handler: (code) => {
      const light = code.replace(NODE_IMPORT, (_, name: string | undefined, names: string, module: string) => {
        if (module === 'node:process') return ''
        if (module === 'node:child_process') return `const ${name} = {};`
        return `const ${name ?? names} = process.getBuiltinModule('${module}');`
      })
      if (light === code || /^import .*'node:/m.test(light)) throw new Error('commander imports differently now')
      return light
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
  // Extras that 'debug' and the proxy agent look for at run time, in whatever folder the package was installed.
  resolve: { alias: { 'supports-color': false, kerberos: false } },
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
          test: /\/src\/(lib\/|inputs\/(given|refer|argv)|run\/(run|invocation|tell-error)|ui\/(io|ci|error-view|problems|spell|render-error|text)\.)|\/chalk\//,
        },
        {
          name: 'commands',
          test: /\/src\/(commands\/(?!local|completion|verify)|run\/(?!local|save|foreground)|engine\/|resources\/|sizing\/|wanted\/|inputs\/|ui\/(?!progress\/live-reporter))/,
        },
      ],
    },
    comments: { jsdoc: false, annotation: false, legal: true },
  },
  plugins: [
    lightCommander,
    lightChalk,
    declarations,
    thirdPartyNotice(fileURLToPath(new URL('THIRD-PARTY-LICENSES.md', import.meta.url))),
  ],
})
