import { invalidContent, invalidTags } from './errors.ts'
import { type Json, type JsonObject, isObject } from './json.ts'

const MOST = 50
const NAME_LENGTH = 512
const VALUE_LENGTH = 256

/**
 * Tags as sent, or undefined when none were. Throws ArmError 400 on what Azure refuses.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations
 */
export function readTags(value: Json | undefined): JsonObject | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw invalidContent("Error converting value to tags. Path 'tags'.")
  const tags = Object.entries(value)
  if (tags.length > MOST) throw invalidTags('TooManyTags', `The number of tags exceeds the limit of '${MOST}'.`)
  for (const [name, text] of tags) checkTag(name, text)
  const names = new Set(tags.map(([name]) => name.toLowerCase()))
  if (names.size < tags.length) throw invalidTags('DuplicateTagNames', 'Tag names are not case-sensitive.')
  return value
}

function checkTag(name: string, value: Json): void {
  if (typeof value !== 'string') throw invalidContent(`Error reading string. Path 'tags.${name}'.`)
  if (name === '' || name.length > NAME_LENGTH) {
    throw invalidTags('InvalidTagNameLength', `The tag name '${name}' must have 1 to ${NAME_LENGTH} characters.`)
  }
  if (/[<>%&\\?/]/.test(name)) {
    throw invalidTags(
      'InvalidTagNameCharacters',
      `The tag names '${name}' have reserved characters '<,>,%,&,\\,?,/' or control characters.`,
    )
  }
  if (value.length > VALUE_LENGTH) {
    throw invalidTags('InvalidTagValueLength', `The value of tag '${name}' exceeds ${VALUE_LENGTH} characters.`)
  }
}
