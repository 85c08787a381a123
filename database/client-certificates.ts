import type { MtlsAuth } from '../contracts/connection-auth.js';
import { BrikkError } from '../contracts/errors.js';
import { audit } from './audit.repository.js';
import { openCredential } from './connections.repository.js';
import type { Database, Tx } from './database.js';
import type { Vault } from './vault.js';

/** So long a connection is not looked at again: a certificate that is rotated or revoked is noticed then. */
const LOOK_AGAIN_MS = 1_000;
const MAX_KNOWN = 1_000;

interface Named {
  id: string;
  authKind: string;
  status: string;
  credentialVersion: number;
}

/**
 * Certificates that are shown to agents and to webhook endpoints: those of connections with the credential `mtls`, which
 * seals, rotates and watches them. Each is opened once in a process, with an audit entry.
 */
export class ClientCertificates {
  readonly #opened = new Map<string, MtlsAuth>();
  readonly #seen = new Map<string, { until: number; certificate: Promise<MtlsAuth> }>();

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  /** Fails `connection.not_found` and `connection.not_usable`. */
  of(orgId: string, connection: string): Promise<MtlsAuth> {
    const name = `${orgId}/${connection}`;
    const seen = this.#seen.get(name);
    if (seen && seen.until > Date.now()) return seen.certificate;
    const certificate = this.database.inOrg(orgId, (tx) => this.read(tx, orgId, connection));
    if (this.#seen.size >= MAX_KNOWN) this.#seen.clear();
    this.#seen.set(name, { until: Date.now() + LOOK_AGAIN_MS, certificate });
    return certificate;
  }

  private async read(tx: Tx, orgId: string, name: string): Promise<MtlsAuth> {
    const { id, credentialVersion } = await findCertificate(tx, name);
    const version = `${id}/${credentialVersion}`;
    const known = this.#opened.get(version);
    if (known) return known;
    const auth = await openCredential(tx, this.vault, orgId, { id, credentialVersion });
    if (auth.kind !== 'mtls') throw noCertificate(name);
    const actor = { type: 'system' as const, id: 'worker', via: 'client-certificate' };
    await audit(tx, { orgId, actor, action: 'connection.used', target: name, outcome: 'ok', requestId: id });
    if (this.#opened.size >= MAX_KNOWN) this.#opened.clear();
    this.#opened.set(version, auth);
    return auth;
  }
}

/** Fails `request.invalid` for a name that is none of a connection with a certificate. */
export async function checkClientCertificate(tx: Tx, name: string | null | undefined): Promise<void> {
  if (name === undefined || name === null) return;
  try {
    await findCertificate(tx, name);
  } catch (cause) {
    if (!(cause instanceof BrikkError)) throw cause;
    const violations = [
      { path: 'clientCertificate', message: `must name a connection with a client certificate (mtls)` },
    ];
    throw new BrikkError('request.invalid', cause.message, { cause, violations });
  }
}

async function findCertificate(tx: Tx, name: string): Promise<Named> {
  const [row] = await tx<Named>(
    `SELECT id, auth_kind AS "authKind", status, credential_version AS "credentialVersion" FROM connection WHERE name = $1`,
    [name],
  );
  if (!row) throw new BrikkError('connection.not_found', `There is no connection ${name}`);
  if (row.authKind !== 'mtls' || row.status !== 'active') throw noCertificate(name);
  return row;
}

const noCertificate = (name: string) =>
  new BrikkError(
    'connection.not_usable',
    `The connection ${name} has no client certificate, or it was refused or revoked`,
  );
