import { isIP } from 'node:net';
import { type ChannelOptions, Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { AddressRule } from '../lib/address-rule.js';
import { checkedAddresses, RefusedAddressError } from '../lib/guarded-agent.js';

export interface UnaryCall {
  host: string;
  /** 443 unless said. TLS on 443 and 8443, plain text on every other: those are reached inside allowed networks alone. */
  port?: number;
  /** `/package.Service/Method`. */
  path: string;
  message: Uint8Array;
  metadata: Record<string, string>;
  timeoutMs: number;
  signal: AbortSignal;
}

export type GrpcFailureKind = 'unreachable' | 'timeout' | 'refused' | 'canceled' | 'status';

/** Why there is no reply. */
export class GrpcFailure extends Error {
  constructor(
    readonly kind: GrpcFailureKind,
    message: string,
    options?: ErrorOptions,
    /** The HTTP status that the server's own status stands for, as in google.rpc.Code. */
    readonly httpStatus?: number,
  ) {
    super(message, options);
    this.name = 'GrpcFailure';
  }
}

const TLS_PORTS = [443, 8443];
const MAX_REPLY_BYTES = 10 * 1_024 * 1_024;
const HTTP_STATUS: Readonly<Record<number, number>> = {
  [status.INVALID_ARGUMENT]: 400,
  [status.FAILED_PRECONDITION]: 400,
  [status.OUT_OF_RANGE]: 400,
  [status.UNAUTHENTICATED]: 401,
  [status.PERMISSION_DENIED]: 403,
  [status.NOT_FOUND]: 404,
  [status.ABORTED]: 409,
  [status.ALREADY_EXISTS]: 409,
  [status.RESOURCE_EXHAUSTED]: 429,
  [status.CANCELLED]: 499,
  [status.UNIMPLEMENTED]: 501,
  [status.UNAVAILABLE]: 503,
  [status.DEADLINE_EXCEEDED]: 504,
};

/** Any gRPC server that a definition calls: one unary call over a connection of its own, no retries, no proxies. */
export class GrpcConnector {
  constructor(private readonly rule: AddressRule) {}

  /** The bytes of the reply. Fails with a GrpcFailure. */
  async unary({ host, port = 443, path, message, metadata, timeoutMs, signal }: UnaryCall): Promise<Uint8Array> {
    const isSecure = TLS_PORTS.includes(port);
    const target = { hostname: host, protocol: isSecure ? 'https:' : 'http:', port };
    const addresses = await checkedAddresses(this.rule, target).catch((error: unknown) => {
      if (error instanceof RefusedAddressError) throw new GrpcFailure('refused', error.message, { cause: error });
      throw new GrpcFailure('unreachable', `${host} has no address`, { cause: error });
    });
    if (signal.aborted) throw new GrpcFailure('canceled', 'the call was canceled');
    const client = new Client(
      targetOf(addresses, port),
      isSecure ? credentials.createSsl() : credentials.createInsecure(),
      {
        ...OPTIONS,
        'grpc.default_authority': port === 443 ? host : `${host}:${port}`,
        ...(isSecure && { 'grpc.ssl_target_name_override': host }),
      },
    );
    try {
      return await send(client, { path, message, metadata, timeoutMs, signal });
    } catch (error) {
      throw rename(error as ServiceError, host, timeoutMs, signal);
    } finally {
      client.close();
    }
  }
}

const OPTIONS: ChannelOptions = {
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.max_receive_message_length': MAX_REPLY_BYTES,
};

/** The checked addresses themselves, so that a second look-up cannot lead elsewhere. */
function targetOf(addresses: string[], port: number): string {
  const isSix = isIP(addresses[0] ?? '') === 6;
  const alike = addresses.filter((address) => (isIP(address) === 6) === isSix);
  return isSix
    ? `ipv6:${alike.map((address) => `[${address}]:${port}`).join(',')}`
    : `ipv4:${alike.map((address) => `${address}:${port}`).join(',')}`;
}

function send(
  client: Client,
  { path, message, metadata, timeoutMs, signal }: Omit<UnaryCall, 'host' | 'port'>,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const sent = new Metadata();
    for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
    const bytes = (given: Uint8Array) => Buffer.from(given);
    const call = client.makeUnaryRequest<Uint8Array, Uint8Array>(
      path,
      bytes,
      (given) => given,
      message,
      sent,
      { deadline: Date.now() + timeoutMs },
      (error, reply) => {
        signal.removeEventListener('abort', cancel);
        if (error) reject(error);
        else resolve(reply ?? new Uint8Array());
      },
    );
    const cancel = () => call.cancel();
    signal.addEventListener('abort', cancel);
  });
}

function rename(error: ServiceError, host: string, timeoutMs: number, signal: AbortSignal): GrpcFailure {
  const { code, details } = error;
  if (signal.aborted) return new GrpcFailure('canceled', 'the call was canceled', { cause: error });
  if (code === status.DEADLINE_EXCEEDED)
    return new GrpcFailure('timeout', `${host} did not answer within ${timeoutMs} ms`, { cause: error });
  if (code === status.UNAVAILABLE) return new GrpcFailure('unreachable', `${host} cannot be reached`, { cause: error });
  const name = status[code] ?? 'UNKNOWN';
  const message = `${host} answered ${name}${details ? `: ${details}` : ''}`;
  return new GrpcFailure('status', message, { cause: error }, HTTP_STATUS[code] ?? 500);
}
