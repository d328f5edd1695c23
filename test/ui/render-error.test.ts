import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure, Interruption, type Problem } from '../../src/lib/errors.ts'
import { EXIT, exitCodeOf } from '../../src/ui/exit.ts'
import { inOrder, inputError, tellProblem } from '../../src/ui/problems.ts'
import { viewOf } from '../../src/ui/error-view.ts'
import { renderError } from '../../src/ui/render-error.ts'
import { columnsOf } from '../../src/ui/text.ts'
import { ABOUT, canvas, forbidden, KEY, stringOf, problem, speller } from './samples.ts'
import { missing } from '../../src/inputs/given.ts'

const render = (error: unknown, width = 80, more: { debug?: boolean; remarks?: string[] } = {}) =>
  `\n${renderError(error, { canvas: canvas(width), about: ABOUT, ...more })}`

const PROBLEMS: readonly Problem[] = [
  missing('subscription', { example: 'ML Platform Dev' }),
  missing('yes'),
  { ...problem('tier', '--tier', 'Standrad'), message: 'is not a tier. Did you mean Standard?' },
  { ...problem('hub', '--hub', 'clicks:64'), message: 'has 64 partitions: Basic and Standard take 32 at most' },
]
const EXAMPLE = 'npx ml-ingest create -s <id> --tier Standard --hub clicks:32 --yes'

describe('missing and invalid inputs', () => {
  const error = inputError(PROBLEMS, { whyNoPrompt: 'CI is set', example: EXAMPLE })

  it('are two tables, the line to type last', () => {
    expect(render(error)).toMatchInlineSnapshot(`
      "
      ✗ Can't continue: 2 inputs are missing and 2 are not valid (no questions: CI is
        set)

        Missing       Flag                     Environment            Example
        subscription  -s, --subscription <id>  AZURE_SUBSCRIPTION_ID  ML Platform Dev
        confirmation  -y, --yes                ML_INGEST_YES

        Not valid
        --tier Standrad  is not a tier. Did you mean Standard?
        --hub clicks:64  has 64 partitions: Basic and Standard take 32 at most

        Nothing was changed. Add or correct these flags and run again, for example:
        npx ml-ingest create -s <id> --tier Standard --hub clicks:32 --yes"
    `)
    expect(exitCodeOf(error)).toBe(EXIT.usage)
  })

  it('are stacked on a narrow terminal', () => {
    expect(render(error, 40)).toMatchInlineSnapshot(`
      "
      ✗ Can't continue: 2 inputs are missing
        and 2 are not valid (no questions: CI
        is set)

        Missing
        subscription
          flag         -s, --subscription <id>
          environment  AZURE_SUBSCRIPTION_ID
          example      ML Platform Dev
        confirmation
          flag         -y, --yes
          environment  ML_INGEST_YES

        Not valid
        --tier Standrad
          is not a tier. Did you mean
          Standard?
        --hub clicks:64
          has 64 partitions: Basic and
          Standard take 32 at most

        Nothing was changed. Add or correct
        these flags and run again, for
        example:
        npx ml-ingest create -s <id> --tier Standard --hub clicks:32 --yes"
    `)
  })

  it('count in words', () => {
    expect(inputError(PROBLEMS.slice(0, 1), { whyNoPrompt: 'CI is set' }).message).toBe(
      "Can't continue: 1 input is missing (no questions: CI is set)",
    )
    expect(inputError(PROBLEMS.slice(2), { whyNoPrompt: 'CI is set' }).message).toBe(
      "Can't continue: 2 inputs are not valid",
    )
    expect(inputError(PROBLEMS.slice(1, 3)).message).toBe("Can't continue: 1 input is missing and 1 is not valid")
  })

  it.each([
    ['one that is not valid', PROBLEMS.slice(2, 3), 'Nothing was changed. Correct it and run again.'],
    ['two that are not valid', PROBLEMS.slice(2), 'Nothing was changed. Correct them and run again.'],
    ['one that is missing', PROBLEMS.slice(0, 1), 'Nothing was changed. Add the flag and run again.'],
  ])('say what to do about %s', (_, problems, hint) => {
    expect(inputError(problems).hint).toBe(hint)
  })

  it('say in which case alone one is needed', () => {
    const location = missing('location', { onlyIf: 'new group' })
    expect(render(inputError([location, missing('yes')]))).toMatch(
      /^ {2}location \(new group\) +-l, --location <region> /m,
    )
    expect(tellProblem(location, speller)).toMatchObject({ input: 'location', onlyIf: 'new group' })
    expect(tellProblem(missing('location'), speller)).toMatchObject({ onlyIf: null })
  })

  it('take remarks of this machine before the last lines', () => {
    const text = render(error, 80, { remarks: ['Run through npm exec? Put -- before the flags.'] })
    expect(text.indexOf('npm exec')).toBeLessThan(text.indexOf('Nothing was changed'))
    expect(text.endsWith(EXAMPLE)).toBe(true)
  })
})

describe('errors of Azure', () => {
  it('say what, why, the request, and what to do', () => {
    expect(render(forbidden())).toMatchInlineSnapshot(`
      "
      ✗ Failed to create hub clicks
        dana@contoso.com may not write event hubs in ns-demo.
        Azure: AuthorizationFailed, HTTP 403, request
        6f1c0b7e-5a41-4c0e-9a53-1f2f0c3d9b10
        Ask an owner of rg-demo for the role Contributor, then run the same command
        again."
    `)
  })

  it('quote Azure only where we know no reason, three lines at most', () => {
    const message = 'The gateway did not receive a response. '.repeat(20)
    const error = new Failure({
      code: 'azure',
      message: 'Failed to read namespace ns-demo',
      azure: { status: 504, code: 'GatewayTimeout', message, requestId: 'r', correlationId: 'c' },
    })
    const text = render(error)
    expect(text.match(/gateway/g)!.length).toBeLessThan(8)
    expect(text).toContain('  Azure says: The gateway')
    expect(text.endsWith('  Azure: GatewayTimeout, HTTP 504, request r, correlation c')).toBe(true)
    const azure = { status: 403, message: 'The client does not have authorization.' }
    const known = new Failure({ code: 'access', message: 'm', why: ['We know.'], azure })
    expect(render(known)).toBe('\n✗ m\n  We know.\n  Azure: HTTP 403')
  })
})

describe('hints', () => {
  const signIn = new Failure({
    code: 'access',
    message: 'Not signed in',
    hint: 'Sign in with: az login --tenant 11111111-2222-3333-4444-555555555555',
  })
  it('keep a command in one piece', () => {
    expect(render(signIn, 80)).toContain('Sign in with: az login --tenant')
    expect(render(signIn, 40)).toMatch(/Sign in with:\n {2}az login --tenant \S+$/)
  })
})

describe('endings that are not errors of Azure', () => {
  it('a cancelled run is calm', () => {
    expect(render(new Interruption('SIGINT'))).toBe('\n  Cancelled. Nothing was changed.')
    expect(exitCodeOf(new Interruption('SIGTERM'))).toBe(EXIT.terminated)
    expect(viewOf(new Interruption('timeout'), ABOUT).code).toBe('deadline')
    expect(exitCodeOf(new Interruption('timeout'))).toBe(EXIT.deadline)
  })

  it('a bug says so, with a link that names nothing but versions', () => {
    const error = new TypeError(`cannot read ${stringOf('clicks')}`)
    const text = render(error)
    expect(text).toContain('✗ Unexpected error (this is a bug in ml-ingest 1.2.0)')
    expect(text).toContain('https://example.org/issues/new?title=')
    expect(decodeURIComponent(text)).toContain('ml-ingest 1.2.0, Node v20.20.2, linux x64')
    expect(text).not.toContain(KEY)
    expect(text).not.toContain('at ')
    expect(render(error, 80, { debug: true })).toContain('render-error.test.ts')
    expect(render('thrown text')).toContain('thrown text')
  })
})

describe('whatever is in an error', () => {
  const anyText = fc.oneof(
    fc.string({ maxLength: 120 }),
    fc.constant(stringOf('clicks')),
    fc.constant(`key ${KEY} given`),
    fc.constant('\x1b[2J\x1b]0;title\x07'),
  )
  const anyError = fc
    .record({
      message: anyText,
      why: fc.array(anyText, { maxLength: 3 }),
      hint: fc.option(anyText, { nil: undefined }),
      azureMessage: anyText,
      flag: anyText,
    })
    .map(
      ({ message, why, hint, azureMessage, flag }) =>
        new Failure({
          code: 'azure',
          message,
          why,
          ...(hint === undefined ? {} : { hint }),
          azure: { status: 400, message: azureMessage },
          problems: [{ ...problem('tier', '--tier', flag), message: azureMessage }],
        }),
    )

  it('shows no key and no escape sequence, and fits', () => {
    fc.assert(
      fc.property(anyError, fc.integer({ min: 40, max: 120 }), (error, width) => {
        const text = renderError(error, { canvas: canvas(width), about: ABOUT })
        const { missing, invalid } = viewOf(error, ABOUT)
        expect(text).not.toContain(KEY)

        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
        for (const line of text.split('\n')) {
          const longWord = columnsOf(line.split(' ').at(-1)!) > width - 36
          const typed = line.trim() === [...missing, ...invalid][0]?.flag
          expect(columnsOf(line) <= width || longWord || typed, line).toBe(true)
        }
      }),
    )
  })
})

describe('inOrder', () => {
  const at = (line: number, column: number): Problem => ({
    ...{ kind: 'invalid', input: 'file', message: 'is wrong' },
    origin: { kind: 'file', file: 'm.yaml', line, column, path: 'tier' },
  })

  it('says what stands in a file in the order of the file, behind the rest, and nothing twice', () => {
    const flag: Problem = { ...problem('tier', '--tier', 'x'), message: 'is wrong' }
    const told = inOrder([at(3, 1), at(2, 9), flag, at(2, 10), at(3, 1)])
    const flags = told.map((one) => tellProblem(one, speller).flag)
    expect(flags).toEqual(['--tier x', 'm.yaml:2:9', 'm.yaml:2:10', 'm.yaml:3:1'])
  })

  it('does not call missing what was given and is wrong', () => {
    const wrong: Problem = { ...problem('confirm', '--confirm', 'x'), message: 'is wrong' }
    expect(inOrder([missing('confirm'), wrong])).toEqual([wrong])
  })
})
