import { describe, expect, it } from 'vitest'
import type { SasConnection } from '../../src/engine/rotation.ts'
import { renderRotated, renderRotationStart } from '../../src/ui/render-rotation.ts'
import { columnsOf } from '../../src/ui/text.ts'
import { canvas, sasConnection } from './samples.ts'

const shown = { where: 'subscription s', isAlone: true } as const
const next = undefined

describe.each([50, 80])('within %s columns', (width) => {
  it.each(['1', '2'] as const)('stage %s', (stage) => {
    const lines = [
      renderRotationStart(sasConnection() as SasConnection, { stage, ...shown }, canvas(width)),
      renderRotated(stage, { next, file: undefined }, canvas(width)),
    ].join('\n')
    for (const line of lines.split('\n')) expect(columnsOf(line), line).toBeLessThanOrEqual(width)
  })
})

it('names the file that the string went to', () => {
  expect(renderRotated('2', { next, file: 'key.env' }, canvas(100))).toContain('back to the string in key.env')
})
