import { access, type KnownError } from './known-error.ts'

/** Entra ID. https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
export const SIGN_IN_ERRORS: readonly KnownError[] = [
  ...['AADSTS50076', 'AADSTS50078', 'AADSTS50079', 'AADSTS50158'].map((code) => ({
    code,
    why: 'The tenant asks for multi-factor authentication.',
    hint: '{signIn}',
    ...access,
  })),
  ...['AADSTS700082', 'AADSTS700084', 'AADSTS70043', 'AADSTS50173', 'AADSTS50132', 'AADSTS70008'].map((code) => ({
    code,
    why: 'The sign-in has expired or was revoked.',
    hint: '{signIn}',
    ...access,
  })),
  {
    code: 'AADSTS50020',
    why: 'Your account does not belong to this tenant.',
    hint: 'Sign in with an account that does: {login}',
    ...access,
  },
  ...['AADSTS90002', 'AADSTS900023', 'AADSTS50059'].map((code) => ({
    code,
    why: 'There is no tenant {tenant|with this id}.',
    hint: 'See the tenants of your account with: az account list --query "[].tenantId" --output tsv',
    ...access,
  })),
  {
    code: 'AADSTS53003',
    why: 'A conditional access policy of the tenant blocks this sign-in.',
    hint: 'Ask an administrator of the tenant, or sign in from a managed device with: {login}',
    ...access,
  },
  {
    code: 'AADSTS7000215',
    why: 'AZURE_CLIENT_SECRET is not a valid secret of application AZURE_CLIENT_ID (often its id was copied, not its value).',
    hint: 'Make a new one with: az ad app credential reset --id "$AZURE_CLIENT_ID"',
    ...access,
  },
  {
    code: 'AADSTS7000222',
    why: 'The secret in AZURE_CLIENT_SECRET has expired.',
    hint: 'Make a new one with: az ad app credential reset --id "$AZURE_CLIENT_ID"',
    ...access,
  },
  {
    code: 'AADSTS700016',
    why: 'Tenant {tenant|asked for} has no application AZURE_CLIENT_ID.',
    hint: 'Check AZURE_CLIENT_ID and AZURE_TENANT_ID.',
    ...access,
  },
  ...['AADSTS70021', 'AADSTS700211', 'AADSTS700212', 'AADSTS700213', 'AADSTS700024'].map((code) => ({
    code,
    why: 'The application trusts no federated credential with the issuer, subject or age of this token.',
    hint: 'Compare them with: az ad app federated-credential list --id "$AZURE_CLIENT_ID"',
    ...access,
  })),
  {
    code: 'AADSTS500011',
    why: 'The tenant does not know {host}.',
    hint: 'Check --cloud, --tenant and ML_INGEST_ARM_ENDPOINT.',
    ...access,
  },
]
