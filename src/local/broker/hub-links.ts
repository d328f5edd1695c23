import type { LocalHub } from '../directory.ts'
import type { BrokerContext, HubLink } from './context.ts'
import type { ServiceError } from './service-errors.ts'

/** All links to hubs that are open, so that what happens to a hub, a group or a token reaches them. */
export class HubLinks {
  readonly #links = new Set<HubLink>()

  add(link: HubLink): void {
    this.#links.add(link)
  }

  delete(link: HubLink): void {
    this.#links.delete(link)
  }

  count(hub: LocalHub, right: HubLink['right']): number {
    return [...this.#links].filter((link) => isSame(link.hub, hub) && link.right === right).length
  }

  /** Detaches the links whose hub or group is gone or disabled by now. */
  followDirectory(context: Pick<BrokerContext, 'directory' | 'errors'>): void {
    for (const link of this.#links) {
      const error = reasonToClose(link, context)
      if (error) link.close(error.toAmqp())
    }
  }

  /** Detaches the links whose token has run out and was not renewed. */
  followTokens({ errors }: Pick<BrokerContext, 'errors'>): void {
    for (const link of this.#links) {
      const holds = link.claims.find(link.path, link.right)
      if (!holds) link.close(errors.tokenRanOut(link.right, link.path).toAmqp())
    }
  }
}

function reasonToClose(link: HubLink, context: Pick<BrokerContext, 'directory' | 'errors'>): ServiceError | undefined {
  const { directory, errors } = context
  const hub = directory.hub(link.hub.namespace, link.hub.name)
  if (!hub || !isSame(hub, link.hub)) return errors.deleted(link.path)
  if (isBarred(hub, link.right)) return errors.disabled(link.path)
  if (link.group !== undefined && !hasGroup(hub, link.group)) return errors.deleted(link.path)
  return undefined
}

/** The hub's status does not let anyone with this right in. */
export const isBarred = ({ status }: LocalHub, right: HubLink['right']): boolean =>
  status === 'Disabled' || (right === 'Send' ? status === 'SendDisabled' : status === 'ReceiveDisabled')

export const hasGroup = ({ consumerGroups }: LocalHub, group: string): boolean =>
  group.toLowerCase() === '$default' || consumerGroups.some((name) => name.toLowerCase() === group.toLowerCase())

const isSame = (a: LocalHub, b: LocalHub): boolean =>
  a.namespace === b.namespace && a.name.toLowerCase() === b.name.toLowerCase() && a.createdAt === b.createdAt
