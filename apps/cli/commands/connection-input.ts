import type { AuthKind } from '../../../contracts/providers.js';
import type { ConnectionAuthInput, CreateConnectionInput } from '../../../sdk/client.js';
import { UserError } from '../user-error.js';
import { jsonArgument } from './json-argument.js';
import { objectIn, readSecret } from './secret-input.js';

export interface AuthOptions {
  file?: string;
  auth?: AuthKind;
  secretEnv?: string;
}
export interface CreateOptions extends AuthOptions {
  provider?: CreateConnectionInput['provider'];
  baseUrl: string[];
  fallback?: string;
}

/** The one field of a credential that plain text stands for. */
const SECRET_FIELD: { readonly [Kind in AuthKind]?: string } = {
  bearer: 'token',
  apiKey: 'key',
  basic: 'password',
  signing: 'secret',
  oauth2: 'clientSecret',
  githubApp: 'privateKey',
  mtls: 'key',
};

/** The connection of a file and of the options, which come first; with the credential that is read besides. */
export async function connectionIn(name: string | undefined, options: CreateOptions): Promise<CreateConnectionInput> {
  const { provider, baseUrl, fallback } = options;
  const { auth, ...written } = fileIn(options);
  const given = {
    ...written,
    ...(name !== undefined && { name }),
    ...(provider !== undefined && { provider }),
    ...(baseUrl.length > 0 && { baseUrls: baseUrl }),
    ...(fallback !== undefined && { fallback: fallbackIn(fallback) }),
  };
  if (!('name' in given)) throw new UserError('Name the connection, or give it by --file.');
  return { ...given, auth: await withSecret(auth, options) } as CreateConnectionInput;
}

const fallbackIn = (who: string) => (who.includes('/') ? { workflow: who } : { connection: who });

/** A credential of a file, which holds nothing else. `kind`: as it has been, unless something else is said. */
export async function credentialIn(kind: AuthKind, options: AuthOptions): Promise<ConnectionAuthInput> {
  const file = fileIn(options);
  return withSecret({ kind, ...file, ...(file['auth'] as object) }, options);
}

function fileIn({ file }: AuthOptions): { [field: string]: unknown } {
  if (file === undefined) return {};
  const value = jsonArgument('--file', `@${file.replace(/^@/, '')}`);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new UserError(`${file} holds no object.`);
}

/** What is not written is read: text for the one secret that the kind has, or a JSON object of several fields. */
async function withSecret(written: unknown, { auth, secretEnv }: AuthOptions): Promise<ConnectionAuthInput> {
  const known = (typeof written === 'object' ? written : null) ?? {};
  const given = { ...known, ...(auth !== undefined && { kind: auth }) } as { kind?: AuthKind };
  const field = SECRET_FIELD[given.kind ?? 'none'];
  if (field === undefined || (field in given && secretEnv === undefined)) return given as ConnectionAuthInput;
  const text = (await readSecret(secretEnv)).replace(/\r?\n$/, '');
  if (text === '')
    throw new UserError(`Give ${field} on the standard input, or name a variable that holds it with --secret-env.`);
  return { ...given, ...(objectIn(text) ?? { [field]: text }) } as ConnectionAuthInput;
}
