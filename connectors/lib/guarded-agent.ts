import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { AddressRule } from './address-rule.js';

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
  /** Every address of a name; `node:dns` unless said. */
  resolve?: (hostname: string) => Promise<string[]>;
}

/**
 * An undici Agent that reaches only what the rule allows. Each connection resolves the name once, refuses it when any
 * of its addresses is refused, and connects to a checked address, so that a second look-up cannot lead elsewhere.
 * Redirects are never followed, requests are never pipelined.
 */
export function createGuardedAgent(options: GuardedAgentOptions): Agent {
  const connect = buildConnector({ timeout: options.connectTimeoutMs });
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
type Socket = Awaited<ReturnType<typeof open>>;

async function openChecked(
  connect: buildConnector.connector,
  resolve: (hostname: string) => Promise<string[]>,
  rule: AddressRule,
  target: Target,
): Promise<Socket> {
  const hostname = target.hostname.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(hostname) ? [hostname] : await resolve(hostname);
  const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
  for (const address of addresses) {
    const reason = rule.refuse(address, target.protocol, port);
    if (reason !== undefined) throw new RefusedAddressError(reason);
  }
  let failure: unknown = new Error(`${hostname} has no address`);
  for (const address of addresses) {
    try {
      const servername = target.servername ?? (isIP(hostname) ? undefined : hostname);
      return await open(connect, { ...target, hostname: address, ...(servername && { servername }) });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function open(connect: buildConnector.connector, target: Target) {
  return new Promise<NonNullable<Parameters<buildConnector.Callback>[1]>>((resolve, reject) => {
    connect(target, (...[error, socket]) => (error ? reject(error) : resolve(socket)));
  });
}

async function resolveAll(hostname: string): Promise<string[]> {
  const found = await lookup(hostname, { all: true });
  return found.map(({ address }) => address);
}
