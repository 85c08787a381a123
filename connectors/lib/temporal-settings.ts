import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What a Temporal client or worker connects with: fits `ConnectionOptions` of its SDK. */
export interface TemporalConnection {
  address: string;
  apiKey?: string;
  tls?: TemporalTls | false;
}

export interface TemporalTls {
  serverNameOverride?: string;
  /** PEM. Without it the authorities are those that the operating system trusts. */
  serverRootCACertificate?: Buffer;
  /** PEM, both. */
  clientCertPair?: { crt: Buffer; key: Buffer };
}

export interface TemporalSettings {
  namespace: string;
  connection: TemporalConnection;
}

const text = z.string().min(1).optional();
const schema = z.object({
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s/]+$/, 'must be host:port, without a scheme')
    .default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('brikk'),
  TEMPORAL_API_KEY: text,
  TEMPORAL_TLS: z.enum(['true', 'false', '1', '0']).optional(),
  TEMPORAL_TLS_SERVER_NAME: text,
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: text,
  TEMPORAL_TLS_SERVER_CA_CERT_DATA: text,
  TEMPORAL_TLS_CLIENT_CERT_PATH: text,
  TEMPORAL_TLS_CLIENT_CERT_DATA: text,
  TEMPORAL_TLS_CLIENT_KEY_PATH: text,
  TEMPORAL_TLS_CLIENT_KEY_DATA: text,
  TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: z
    .enum(['false', '0'], 'is not supported: set TEMPORAL_TLS_SERVER_NAME or TEMPORAL_TLS_SERVER_CA_CERT_PATH')
    .optional(),
});
type Given = z.infer<typeof schema>;

/** Every name that `readTemporalSettings` reads. */
export const TEMPORAL_SETTINGS: readonly string[] = Object.keys(schema.shape);

/**
 * How Temporal is reached, from the variables that Temporal's own tools read (docs.temporal.io, "Environment
 * configuration"). TLS is on with an API key or any TEMPORAL_TLS_* setting, unless TEMPORAL_TLS says otherwise. Fails
 * with one line for each variable that is wrong; values are not shown.
 */
export function readTemporalSettings(environment: Readonly<Record<string, string | undefined>>): TemporalSettings {
  const named = Object.fromEntries(
    TEMPORAL_SETTINGS.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])),
  );
  const parsed = schema.safeParse(named);
  if (!parsed.success)
    throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  const given = parsed.data;
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, TEMPORAL_API_KEY: apiKey } = given;
  const tls = readTls(given);
  return { namespace, connection: { address, ...(apiKey && { apiKey }), ...(tls !== undefined && { tls }) } };
}

function readTls(given: Given): TemporalTls | false | undefined {
  if (given.TEMPORAL_TLS === 'false' || given.TEMPORAL_TLS === '0') return false;
  const serverNameOverride = given.TEMPORAL_TLS_SERVER_NAME;
  const serverRootCACertificate = readPem(given, 'TEMPORAL_TLS_SERVER_CA_CERT');
  const crt = readPem(given, 'TEMPORAL_TLS_CLIENT_CERT');
  const key = readPem(given, 'TEMPORAL_TLS_CLIENT_KEY');
  if (!crt !== !key)
    throw new Error('TEMPORAL_TLS_CLIENT_CERT and TEMPORAL_TLS_CLIENT_KEY belong together: set both (_PATH or _DATA)');
  const tls = {
    ...(serverNameOverride && { serverNameOverride }),
    ...(serverRootCACertificate && { serverRootCACertificate }),
    ...(crt && key && { clientCertPair: { crt, key } }),
  };
  const isWanted = given.TEMPORAL_TLS ?? given.TEMPORAL_API_KEY;
  return isWanted || Object.keys(tls).length > 0 ? tls : undefined;
}

type PemName = 'TEMPORAL_TLS_SERVER_CA_CERT' | 'TEMPORAL_TLS_CLIENT_CERT' | 'TEMPORAL_TLS_CLIENT_KEY';

function readPem(given: Given, name: PemName): Buffer | undefined {
  const [path, data] = [given[`${name}_PATH`], given[`${name}_DATA`]];
  if (path && data) throw new Error(`${name}_PATH and ${name}_DATA exclude each other: set one`);
  if (data) return Buffer.from(data);
  if (!path) return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${name}_PATH: ${path} cannot be read`, { cause: error });
  }
}
