import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Env } from './credentials.ts'

/**
 * The subscription that `az account set` chose, from the profile that the Azure CLI keeps; undefined when there is none
 * or it cannot be read. https://learn.microsoft.com/cli/azure/azure-cli-configuration#cli-configuration-file
 */
export async function defaultSubscriptionOfCli(env: Env): Promise<string | undefined> {
  const folder = env['AZURE_CONFIG_DIR'] ?? join(homedir(), '.azure')
  try {
    const text = await readFile(join(folder, 'azureProfile.json'), 'utf8')
    const profile = JSON.parse(text.replace(/^\uFEFF/, '')) as {
      readonly subscriptions?: readonly { readonly id?: string; readonly isDefault?: boolean }[]
    }
    return profile.subscriptions?.find((subscription) => subscription.isDefault)?.id
  } catch {
    return undefined
  }
}
