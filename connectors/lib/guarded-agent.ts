import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Agent, buildConnector, errors } from 'undici';
import type { AddressRule } from './address-rule.js';
import { Permits } from './permits.js';
import { runningTimeout } from './running-timeout.js';

/** The address is refused by the operator's rule: nothing was sent. */
export class RefusedAddressError extends Error {
  readonly code = 'BRIKK_REFUSED_ADDRESS';
}

export interface GuardedAgentOptions {
  rule: AddressRule;
  connectTimeoutMs: number;
  /** To one origin. */
  connections: number;
  maxResponseBytes: number;
  /** What is shown of us, and whom the server's certificate may be signed by; PEM. */
  tls?: { cert: string; key: string; ca?: string };
  /** Every address of a name; `node:dns` unless said. */
  resolve?: (hostname: string) => Promise<string[]>;
}

/** Connections that are being made at once: fewer than the usual backlog of a listening socket, which is 511. */
const CONNECTS_AT_ONCE = 256;
/** When undici closes a socket that nobody waits for any more. */
const FORGOTTEN_CONNECT_MS = 10_000;

/**
 * An undici Agent that reaches only what the rule allows. Each connection resolves the name once, refuses it when any
 * of its addresses is refused, and connects to a checked address, so that a second look-up cannot lead elsewhere.
 * Redirects are never followed, requests are never pipelined. A thousand new connections are made in waves, and the
 * time of each counts from its turn, without stalls of this process.
 */
export function createGuardedAgent(options: GuardedAgentOptions): Agent {
  const connector = buildConnector({ timeout: FORGOTTEN_CONNECT_MS, ...options.tls });
  const turns = new Permits(CONNECTS_AT_ONCE);
  const connect: Connect = (target) => turns.hold(() => open(connector, target, options.connectTimeoutMs));
  const resolve = options.resolve ?? resolveAll;
  return new Agent({
    connections: options.connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: options.maxResponseBytes,
    connect: (target, callback) => {
      openChecked(connect, resolve, options.rule, target).then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error, null),
      );
    },
  });
}

type Target = buildConnector.Options;
type Socket = NonNullable<Parameters<buildConnector.Callback>[1]>;
type Connect = (target: Target) => Promise<Socket>;

async function openChecked(
  connect: Connect,
  resolve: (hostname: string) => Promise<string[]>,
  rule: AddressRule,
  target: Target,
): Promise<Socket> {
  const hostname = target.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
  const addresses = await checkedAddresses(rule, { hostname, protocol: target.protocol, port }, resolve);
  let failure: unknown = new Error(`${hostname} has no address`);
  for (const address of addresses) {
    try {
      const servername = target.servername ?? (isIP(hostname) ? undefined : hostname);
      return await connect({ ...target, hostname: address, ...(servername && { servername }) });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Every address of a name. Fails with a RefusedAddressError when one of them is refused. */
export async function checkedAddresses(
  rule: AddressRule,
  { hostname, protocol, port }: { hostname: string; protocol: string; port: number },
  resolve: (hostname: string) => Promise<string[]> = resolveAll,
): Promise<string[]> {
  const addresses = isIP(hostname) ? [hostname] : await resolve(hostname);
  for (const address of addresses) {
    const reason = rule.refuse(address, protocol, port);
    if (reason !== undefined) throw new RefusedAddressError(reason);
  }
  return addresses;
}

function open(connector: buildConnector.connector, target: Target, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let late = false;
    const stop = runningTimeout(timeoutMs, () => {
      late = true;
      reject(new errors.ConnectTimeoutError(`no connection within ${timeoutMs} ms`));
    });
    connector(target, (...[error, socket]) => {
      stop();
      if (error) reject(error);
      else if (late) socket.destroy();
      else resolve(socket);
    });
  });
}

async function resolveAll(hostname: string): Promise<string[]> {
  const found = await lookup(hostname, { all: true });
  return found.map(({ address }) => address);
}
