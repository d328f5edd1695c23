import { describe, expect, it } from 'vitest'
import { PROGRAM } from '../../src/commands/definitions/program.ts'
import { readGiven } from '../../src/inputs/given.ts'
import { INPUT_KEYS, INPUTS, longFlagOf } from '../../src/inputs/table.ts'
import { commandNamed } from '../support/speaking.ts'

describe('the commands', () => {
  it.each(PROGRAM.commands.map((one) => [one.name, one.inputs] as const))(
    'gives each flag and letter of %s once',
    (_, inputs) => {
      const spellings = inputs.flatMap((key) => {
        const { flags } = INPUTS[key]
        return [longFlagOf(INPUTS[key]), ...(/^(-[a-zA-Z]),/.exec(flags)?.slice(1) ?? [])]
      })
      expect(new Set(spellings).size).toBe(spellings.length)
    },
  )

  it.each(INPUT_KEYS)('take %s somewhere', (key) => {
    expect(PROGRAM.commands.filter(({ inputs }) => inputs.includes(key))).not.toEqual([])
  })

  it('read only what they take', () => {
    const { inputs } = commandNamed('show-connection')
    const { given, problems } = readGiven(inputs, {}, { ML_INGEST_TIER: 'nonsense', ML_INGEST_SECONDARY: '1' })
    expect(problems).toEqual([])
    expect(Object.keys(given)).toEqual(['secondary'])
    expect(inputs).not.toContain('tier')
  })
})
