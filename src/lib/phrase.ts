/** Something that a text mentions, such as a flag or a command. `ui/` writes it out for this shell, run and target. */
export type Reference =
  /** An input, by its key in the input table. */
  | { readonly names: 'input'; readonly input: string }
  /** Inputs with their new values. */
  | { readonly names: 'edit'; readonly edit: Edit }
  /** A whole ml-ingest command, with the target of this run. By default it is the running command. */
  | { readonly names: 'command'; readonly command: string | undefined; readonly edit: Edit }
  /** A command of another program. */
  | { readonly names: 'action'; readonly action: Action }

/** New values by input; null removes an input. */
export type Edit = Readonly<Record<string, unknown>>

/** What a command of another program does. `ui/` knows the command line. */
export type Action =
  | {
      readonly do: 'sign-in'
      readonly tool: SignInTool
      readonly cloudName: string
      readonly tenantId: string | undefined
      /** What the token needs, in base64, for which scope. */
      readonly challenge?: { readonly claims: string; readonly scope: string }
    }
  /** Of the Azure CLI, before it signs in. */
  | { readonly do: 'choose-cloud'; readonly cloudName: string }
  | { readonly do: 'show-token'; readonly tool: SignInTool }
  | { readonly do: 'list-tenants' | 'list-subscriptions' | 'list-regions' | 'list-event-hub-regions' | 'list-roles' }
  | { readonly do: 'register-provider' }
  | { readonly do: 'renew-client-secret' | 'list-federated-credentials' | 'show-service-principal' }
  /** A missing scope or id is shown as a placeholder. */
  | { readonly do: 'list-locks'; readonly scope: string | undefined; readonly armEndpoint: string | undefined }
  | { readonly do: 'delete-lock'; readonly lockId: string | undefined; readonly armEndpoint: string | undefined }
  | { readonly do: 'assign-role'; readonly role: string; readonly assignee: string; readonly scope: string }
  | { readonly do: 'make-storage-account'; readonly name: string; readonly resourceGroup: string }
  | { readonly do: 'show-storage-account'; readonly name: string }
  | { readonly do: 'make-container'; readonly account: string; readonly container: string }
  /** `exceptions` are those that the firewall has besides. */
  | { readonly do: 'trust-azure-services'; readonly id: string; readonly exceptions: readonly string[] }
  | { readonly do: 'allow-storage-keys'; readonly id: string }
  | { readonly do: 'make-dedicated-namespace'; readonly name: string }
export type SignInTool = 'Azure CLI' | 'Azure Developer CLI' | 'Azure PowerShell'

/** Text with references in it. */
export class Phrase {
  readonly parts: readonly (string | Reference)[]

  constructor(parts: readonly (string | Reference)[]) {
    this.parts = parts
  }

  /** A fallback for a phrase that `ui/` did not write out. */
  toString(): string {
    return this.parts.map((part) => (typeof part === 'string' ? part : `[${part.names}]`)).join('')
  }
}
export type Text = string | Phrase

/** Makes a text from a template: `say`Choose another region with ${input('location')}.`` */
export function say(strings: TemplateStringsArray, ...values: readonly (Text | number | Reference)[]): Text {
  const parts = strings.flatMap((text, i): readonly (string | Reference)[] => {
    const value = values[i]
    if (value === undefined) return [text]
    if (value instanceof Phrase) return [text, ...value.parts]
    return [text, typeof value === 'object' ? value : String(value)]
  })
  return phraseOf(parts)
}

/** Changes the words of a text, but not its references. */
export const mapText = (text: Text, change: (words: string) => string): Text =>
  phraseOf(partsOf(text).map((part) => (typeof part === 'string' ? change(part) : part)))

export const partsOf = (text: Text): readonly (string | Reference)[] => (typeof text === 'string' ? [text] : text.parts)

const phraseOf = (parts: readonly (string | Reference)[]): Text =>
  parts.every((part) => typeof part === 'string') ? parts.join('') : new Phrase(parts)

const MOST_NAMED = 12

/** `clicks, views and 7 more`, if there are too many for a line. */
export function listOf(names: readonly string[]): string {
  const hidden = names.length - MOST_NAMED
  return names.slice(0, MOST_NAMED).join(', ') + (hidden > 0 ? ` and ${hidden} more` : '')
}

/** `2 IP rules`; nothing for 0. */
export const counted = (count: number, noun: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${noun}${count === 1 ? '' : 's'}`]

/** The text with a capital letter at its start. */
export const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
