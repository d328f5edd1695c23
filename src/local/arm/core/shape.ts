import { type Json, isObject } from './body.ts'
import { type ArmError, invalidContent } from './errors.ts'

/** What the properties of an object have to be. Others can be anything. */
export interface Shape {
  readonly [property: string]: 'string' | 'boolean' | 'integer' | 'object' | Shape
}

const FITS: Readonly<Record<string, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isInteger(value),
  object: isObject,
}

/** Refuses values of the wrong type, at any depth. Null is as good as nothing. Throws ArmError 400. */
export function checkShape(value: Json | undefined, shape: Shape[string], path = ''): void {
  if (value === undefined || value === null) return
  if (typeof shape === 'string' ? !FITS[shape]!(value) : !isObject(value)) throw cannotConvert(value, path)
  if (typeof shape === 'string' || !isObject(value)) return
  for (const [key, inner] of Object.entries(shape)) {
    checkShape(Object.hasOwn(value, key) ? value[key] : undefined, inner, path === '' ? key : `${path}.${key}`)
  }
}

/** The refusal of a value that cannot be what stands at its path. */
export const cannotConvert = (value: Json | undefined, path: string): ArmError =>
  invalidContent(`Error converting value ${JSON.stringify(value)}. Path '${path}'.`)
