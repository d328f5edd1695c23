import { expect, it } from 'vitest'
import { PROGRAM } from '../../src/commands/definitions/program.ts'
import { runCli } from '../support/test-deps.ts'

const helpOf = async (command: string, columns?: number, flag = '--help'): Promise<string> => {
  const words = [...command.split(' ').filter((word) => word !== ''), flag]
  const options = columns === undefined ? { columns: 0 } : { tty: true, columns }
  return (await runCli(words, options)).stdout
}

/** What has to be copied in one piece. */
const isCommand = (line: string): boolean => /^ {2}(npx |CONN=|eval |source |ml-ingest |echo .* \| npx )/.test(line)

it.each(['', 'local', ...PROGRAM.commands.map(({ name }) => name)])(
  'ml-ingest %s --help fits any width, and 80 columns off a terminal',
  async (name) => {
    for (const columns of [undefined, 50, 72, 80, 81, 120]) {
      const texts = [await helpOf(name, columns), await helpOf(name, columns, '--help-all')]
      const lines = texts.flatMap((text) => text.split('\n'))
      const wider = lines.filter((line) => line.length > (columns ?? 80) && !isCommand(line))
      expect(wider, String(columns)).toEqual([])
    }
  },
)

it('says each choice once', async () => {
  const help = (await helpOf('create', 120, '--help-all')).replaceAll(/\s+/g, ' ')
  expect(help).toContain('--tier <tier> Basic, Standard or Premium; Dedicated for an existing namespace in a cluster (')
  expect(help).toContain('which Azure cloud: AzureCloud, AzureUSGovernment, AzureChinaCloud (default')
})

it('gives a long flag a line of its own, so that all others keep room', async () => {
  expect(await helpOf('create', 80)).toContain(
    '  --hub <name[:partitions[:retention]]>\n                                  event hub; repeatable (default:\n',
  )
})

it.each(['', 'local', 'capture', ...PROGRAM.commands.map(({ name }) => name)])(
  'the examples of ml-ingest %s fit 80 columns too',
  async (name) => {
    const examples = (await helpOf(name)).split('Examples:\n')[1]!.split('\n\n')[0]!
    expect(examples.split('\n').filter((line) => line.length > 80)).toEqual([])
  },
)

it('describes --hub as the command uses it', async () => {
  const hubs = PROGRAM.commands.filter(({ inputs }) => inputs.includes('hub')).map(({ name }) => name)
  for (const name of hubs) {
    const help = await helpOf(name, 120)
    const makes = ['create', 'plan', 'size', 'local exec'].includes(name)
    expect(help, name).toContain(makes ? '--hub <name[:partitions[:retention]]>' : '--hub <name> ')
  }
  expect((await helpOf('status', 120)).replaceAll(/\s+/g, ' ')).toContain(
    'event hub to show, also without --hub; repeatable (default: all of',
  )
  for (const name of ['send', 'tail', 'open']) expect(await helpOf(name, 120)).not.toMatch(/--hub .*repeatable/)
})

it.each(['send', 'tail', 'verify', 'status', 'capture cat'])('%s shows first what one came for', async (name) => {
  const help = await helpOf(name)
  expect(help.indexOf('\nEvents:')).toBeLessThan(help.indexOf('\nTarget:'))
  expect(help).toContain('\nEvents:')
})

it('send reads CSV, and tail names its consumer group as its errors do', async () => {
  const events = (await helpOf('send', 120)).split('\n\n').find((block) => block.startsWith('Events:'))
  expect(events).toContain('  --csv ')
  expect(await helpOf('tail', 120)).toMatch(
    /--consumer-group <name> +consumer group to read through[^]*--group <name> +the same as --consumer-group/,
  )
})
