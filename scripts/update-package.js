// Writes what package.json says of other files: `homepage` and `bugs`, which follow `repository`, and
// `inlinedDependencies`, which is what the bundle holds, as THIRD-PARTY-LICENSES.md lists it.
import { readFileSync, writeFileSync } from 'node:fs'

const file = (name) => new URL(`../${name}`, import.meta.url)
const manifest = JSON.parse(readFileSync(file('package.json'), 'utf8'))
const home = manifest.repository.url.replace(/^git\+|\.git$/g, '')
manifest.homepage = `${home}#readme`
manifest.bugs = { url: `${home}/issues` }
const inlined = {}
for (const [, name, version] of readFileSync(file('THIRD-PARTY-LICENSES.md'), 'utf8').matchAll(
  /^- (\S+) (\d\S*) \(/gm,
)) {
  inlined[name] = name in inlined ? [inlined[name], version].flat() : version
}
manifest.inlinedDependencies = inlined
writeFileSync(file('package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
