import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { describe, expect, test } from 'vitest'
import config from '../../rolldown.config.ts'
import { canOpenTerminal, type Terminal } from '../support/terminal.ts'
import { sandbox, type Sandbox } from './sandbox.ts'

const MANIFEST = `version: 1
hubs: [{ name: clicks }]
environments:
  dev: { namespace: ns-clicks-dev }
  prod: { namespace: ns-clicks-prod }
`

/** The packages in each file of the bundle, which is made again to know them. */
async function packagesByFile(): Promise<ReadonlyMap<string, readonly string[]>> {
  const bundle = await rolldown(config)
  const { output } = await bundle.generate([config.output].flat()[0])
  await bundle.close()
  return new Map(
    output.flatMap((one) => {
      if (one.type !== 'chunk') return []
      const used = Object.entries(one.modules).filter(([, { renderedLength }]) => renderedLength > 0)
      const names = used.map(([id]) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id.replaceAll('\\', '/'))?.[1])
      return [[basename(one.fileName), names.filter((name) => name !== undefined)]]
    }),
  )
}

/** The packages whose code a TAB loads. */
async function packagesLoaded(user: Sandbox, ...words: readonly string[]): Promise<readonly string[]> {
  const folder = join(user.folder, `loaded-${words.join('')}`)
  const run = await user.run(['complete', '--', ...words], { env: { NODE_V8_COVERAGE: folder } })
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  const urls = readdirSync(folder).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { readonly result: readonly Script[] }
    return result.map(({ url }) => url).filter((url) => url.startsWith('file:'))
  })
  const files = await packagesByFile()
  const names = urls.flatMap((url) => files.get(basename(fileURLToPath(url))) ?? [])
  return [...new Set(names)].sort()
}
interface Script {
  readonly url: string
}

test('a TAB loads no Azure, question or spinner: commander alone, and YAML to offer environments', async () => {
  const user = sandbox()
  writeFileSync(join(user.folder, 'ml-ingest.yaml'), MANIFEST)
  expect(await packagesLoaded(user, '')).toEqual(['commander'])
  expect(await packagesLoaded(user, 'create', '--location', 'west')).toEqual(['commander'])
  const forEnvironments = await packagesLoaded(user, 'create', '-e', '')
  expect(forEnvironments).toContain('yaml')
  expect(forEnvironments.filter((name) => /^(@.*|ora|rhea|ws)$/.test(name))).toEqual([])
})

interface Shell {
  /** What has to be there for the test. */
  readonly needs: string
  /** Its settings, which begin with a prompt: where they stand in the home folder, and what they are. */
  readonly settings: readonly [file: string, text: string]
  readonly start: string
  readonly script: string
}

const BASH_COMPLETION = '/usr/share/bash-completion/bash_completion'
const bash: Shell = {
  needs: 'bash',
  settings: ['.bashrc', "PS1='ready> '\n"],
  start: 'bash --noprofile -i',
  script: 'bash',
}
const SHELLS: Readonly<Record<string, Shell>> = {
  bash,
  'bash with bash-completion': {
    ...bash,
    needs: BASH_COMPLETION,
    settings: ['.bashrc', `${bash.settings[1]}source ${BASH_COMPLETION}\n`],
  },
  // TAB as it is set up at first would expand what is typed before anything is completed.
  zsh: {
    needs: 'zsh',
    settings: [
      '.zshrc',
      "PS1='ready> '\nunsetopt PROMPT_SP\nautoload -Uz compinit && compinit -u\nbindkey '^I' complete-word\n",
    ],
    start: 'zsh -d -i',
    script: 'zsh',
  },
  fish: {
    needs: 'fish',
    settings: ['.config/fish/config.fish', "function fish_prompt; echo -n 'ready> '; end\nset -g fish_greeting\n"],
    start: 'fish -i',
    script: 'fish',
  },
}

const isHere = (needed: string): boolean =>
  needed.startsWith('/') ? existsSync(needed) : spawnSync(needed, ['--version']).error === undefined

/** Somebody at a shell that has read the script, twice, as it happens to people who source their settings again. */
async function seated({ settings: [file, text], start, script }: Shell) {
  const user = sandbox()
  const home = user.env['HOME']!
  const { stdout } = await user.run(['completion', script])
  mkdirSync(join(home, file, '..'), { recursive: true })
  writeFileSync(join(home, file), `${text}\n${stdout}\n${stdout}`)
  writeFileSync(join(user.folder, 'ml-ingest.yaml'), MANIFEST)
  writeFileSync(join(user.folder, 'two words.yaml'), MANIFEST.replace('dev', 'staging'))
  writeFileSync(join(user.folder, 'kept.txt'), 'kept')
  mkdirSync(join(user.folder, 'folder'))
  const terminal = user.shellTerminal(`exec ${start}`)
  await terminal.see(/^ready> $/m)
  return { user, terminal }
}

const ESCAPED = /[.*+?^${}()|[\]\\]/g
/** Types a line, with a TAB at its end, and waits until the line is this one. */
async function tab(terminal: Terminal, typed: string, becomes: string): Promise<void> {
  terminal.type(`${typed}\t`)
  await terminal.see(new RegExp(`^ready> ${becomes.replace(ESCAPED, '\\$&')} *$(?![^]*^ready> )`, 'm'))
  // Ctrl-A, Ctrl-K: the line is empty again.
  terminal.type('\x01\x0b')
  await terminal.see(/^ready> *$(?![^]*^ready> )/m)
}

/** Words that are still being typed, for which nothing is offered. */
const UNFINISHED = [
  '--name="$(touch pwned)=',
  "--name='$(touch pwned)",
  "--output '$(touch pwned)/",
  "-e '`touch pwned`",
]

describe.runIf(canOpenTerminal).each(Object.keys(SHELLS))('TAB in %s', (name) => {
  const shell = SHELLS[name]!
  const missing = !isHere(shell.needs)
  if (missing) console.log(`skipped: completion in ${name}, as there is no ${shell.needs}`)

  test.skipIf(missing)('runs nothing of what was typed', async () => {
    const { user, terminal } = await seated(shell)
    const attack = (line: string) => tab(terminal, `${line} --part`, `${line} --partitions`)
    try {
      await attack('ml-ingest create --tag $(touch pwned)')
      await attack('ml-ingest create --tag "$(touch pwned)" -y')
      await attack('ml-ingest create --tag "a; touch pwned"')
      await attack('ml-ingest create --tag a\\;touch\\ pwned')
      await attack('ml-ingest create -y <(touch pwned)')
      for (const word of UNFINISHED) {
        await tab(terminal, `ml-ingest show-connection ${word}`, `ml-ingest show-connection ${word}`)
      }
      await attack('ml-ingest create > kept.txt')
      await attack('ml-ingest create 2>kept.txt')
    } finally {
      expect(readdirSync(user.folder)).not.toContain('pwned')
      expect(readFileSync(join(user.folder, 'kept.txt'), 'utf8')).toBe('kept')
    }
  })

  test.skipIf(missing)('is silent, and completes commands, flags, values, files and environments', async () => {
    const { terminal } = await seated(shell)
    expect(terminal.text.trim()).toBe('ready>')
    for (const [typed, becomes] of [
      ['ml-ingest cre', 'ml-ingest create'],
      ['ml-ingest help show', 'ml-ingest help show-connection'],
      ['cd . && ml-ingest local stat', 'cd . && ml-ingest local status'],
      ['ml-ingest create --hub clicks:8 --part', 'ml-ingest create --hub clicks:8 --partitions'],
      ['ml-ingest create --tier St', 'ml-ingest create --tier Standard'],
      [
        'ml-ingest create --hub a:8:48h --tag a=b --tier=St',
        'ml-ingest create --hub a:8:48h --tag a=b --tier=Standard',
      ],
      ['ml-ingest create --location weste', 'ml-ingest create --location westeurope'],
      ['ml-ingest create --hub clicks:8', 'ml-ingest create --hub clicks:8'],
      ['ml-ingest show-connection --output kep', 'ml-ingest show-connection --output kept.txt'],
      ['ml-ingest show-connection --output=kep', 'ml-ingest show-connection --output=kept.txt'],
      ['ml-ingest local stop --data fol', 'ml-ingest local stop --data folder/'],
      ['ml-ingest create --file tw', 'ml-ingest create --file two\\ words.yaml'],
      ['ml-ingest show-connection > kep', 'ml-ingest show-connection > kept.txt'],
      ['ml-ingest plan -e pr', 'ml-ingest plan -e prod'],
      ["ml-ingest plan -f 'two words.yaml' -e st", "ml-ingest plan -f 'two words.yaml' -e staging"],
      ['ml-ingest plan -f two\\ words.yaml --env=st', 'ml-ingest plan -f two\\ words.yaml --env=staging'],
    ] as const) {
      await tab(terminal, typed, becomes)
    }
    terminal.type('ml-ingest create --tier \t\t')
    await terminal.see(/Basic +(Premium +Standard|Standard +Premium)/)
  })
})
