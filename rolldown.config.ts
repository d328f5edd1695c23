import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { defineConfig } from 'rolldown'
import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'rolldown'
import { eitherSlash } from './scripts/either-slash.ts'
import { lightPackages } from './scripts/light-packages.ts'
import { thirdPartyNotice } from './scripts/third-party-notice.ts'

/**
 * To import a module of Node sets up all of its parts, also those that Node loads only when they are used. Taken as it is, it
 * costs less. https://nodejs.org/api/process.html#processgetbuiltinmoduleid
 */
const NODE_IMPORT = /^import (?:(?:\* as )?(?<whole>[\w$]+),? )?(?:\{(?<names>[^}]*)\} )?from "(?<module>[^"]+)";$/gm
const lightNode: Plugin = {
  name: 'light-node',
  renderChunk: (code) =>
    code.replace(NODE_IMPORT, (line, ...found) => {
      const { whole, names, module } = found.at(-1) as { whole?: string; names?: string; module: string }
      if (!isBuiltin(module)) return line
      const taken = `globalThis.process.getBuiltinModule("${module}");`
      const parts = names === undefined ? '' : `const {${names.replaceAll(' as ', ': ')}} = ${taken}`
      return whole === undefined ? parts : `const ${whole} = ${taken}${parts}`
    }),
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
  // Above each module stood the path of its file, 50 KB in all.
  experimental: { attachDebugInfo: 'none' },
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
        { name: 'base', tags: ['$initial'], test: eitherSlash(/^(?!.*\/src\/(cli|index)\.ts$)/) },
        {
          name: 'run',
          test: eitherSlash(
            /\/src\/(lib\/(?!blob\/|http\.)|inputs\/(given|refer|argv)|run\/(run|invocation|tell-error)|ui\/(io|ci|error-view|problems|spell|render-error|text)\.)|\/chalk\//,
          ),
        },
        {
          name: 'commands',
          test: eitherSlash(
            /\/src\/(commands\/(?!local|completion|verify|delete|rotate|size|capture|status|send|tail|list|open)|run\/(?!local|save|foreground|captured|print-lines|status|checkpoint|hub-|open-blobs|events\/)|engine\/(?!deletion|plan-deletion|rotation|status|load-test)|resources\/(?!load\/(answer|chosen))|sizing\/(?!variants|promises|neighbours)|wanted\/|inputs\/|ui\/(?!size\/|status\/|list|progress\/live-reporter|render-(rotation|verify|summary|sent|load)))/,
          ),
        },
        {
          name: 'launcher',
          test: eitherSlash(/\/src\/(lib\/http|run\/local-azure|local\/process\/(launcher|lock|record))\./),
        },
      ],
    },
    comments: { jsdoc: false, annotation: false, legal: true },
  },
  plugins: [
    lightNode,
    ...lightPackages(),
    declarations,
    thirdPartyNotice(fileURLToPath(new URL('THIRD-PARTY-LICENSES.md', import.meta.url))),
  ],
})
