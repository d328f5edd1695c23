import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { refersTo, without } from '../../scripts/lighter.ts'

const CODE = `class Client {
    constructor() { this.name = 'client' }
    subscribe(handlers) {
        if (handlers) {
            return this.share(handlers);
        }
        return 'alone';
    }
    async share(handlers) {
        return 'shared';
    }
    short() { return 1 }
}
function Type() {}
Type.prototype.random = function (rng) {
    return rng;
};
Type.forValue = function () { return new Type() };
`

const run = (code: string, expression: string): unknown => runInNewContext(`${code}${expression}`)

test('what is left out says so to who calls it all the same, and the rest is as it was', async () => {
  const light = without(CODE, ['share', 'short', 'prototype.random', 'Type.forValue'])
  expect(run(light, 'new Client().subscribe()')).toBe('alone')
  await expect(run(light, 'new Client().subscribe({})')).rejects.toThrow('share was left out')
  for (const [call, name] of [
    ['new Client().short()', 'short'],
    ['new Type().random(1)', 'prototype.random'],
    ['Type.forValue(1)', 'Type.forValue'],
  ] as const)
    expect(() => run(light, call)).toThrow(`${name} was left out`)
  expect(light).not.toContain('shared')
})

test('what refers to it is found', () => {
  expect(refersTo(without(CODE, ['share']), 'share')).toBe(true)
  expect(refersTo(without(CODE, ['short']), 'short')).toBe(false)
})

test('what is written differently fails', () => {
  expect(() => without(CODE, ['shares'])).toThrow('shares is written differently now')
})
