import { parseContainer, isStorageName } from './capture.ts'
import { inputsOf, type Input } from './input.ts'
import { bad, EMPTY, ok, type Parser } from '../lib/parser.ts'

/** A container of a storage account. */
export interface ContainerPlace {
  readonly account: string
  readonly container: string
}

/** `stlake/checkpoints`. */
const parseContainerPlace: Parser<ContainerPlace> = (text) => {
  if (text.trim() === '') return EMPTY
  const [account = '', container, ...more] = text.trim().split('/')
  if (container === undefined || more.length > 0)
    return bad('is not ACCOUNT/CONTAINER: the names of a storage account and of a blob container of it')
  if (!isStorageName(account))
    return bad('does not begin with the name of a storage account: 3 to 24 lower-case letters and digits')
  const read = parseContainer(container)
  return read.ok ? ok({ account, container: read.value }) : bad(`has a container that ${read.message}`)
}

const status = inputsOf('Events', { flagsOnly: true })

/** What `status` reads and judges. */
export const STATUS_INPUTS = {
  checkpoints: status.value({
    flags: '--checkpoints <account/container>',
    label: 'checkpoints',
    help: 'blob container in which readers keep how far they are, to know their lag: ACCOUNT/CONTAINER',
    example: 'stclicks/checkpoints',
    parse: parseContainerPlace,
    format: ({ account, container }) => `${account}/${container}`,
  }),
} satisfies Record<string, Input>
