import { type GrpcConnector, GrpcFailure } from '../connectors/grpc/grpc.connector.js';
import { whyUnstorable } from '../connectors/lib/storable-json.js';
import { WebFailure } from '../connectors/web/web.connector.js';
import type { GrpcRequest } from '../contracts/language-activities.js';
import { fieldsOf } from './call-parts.js';
import { AuthenticationError } from './oauth-tokens.js';
import { failed, type Outcome, type Prepared, ServerError } from './outside-call.js';
import { unaryMethod } from './proto-file.js';

export type Grpc = Pick<GrpcConnector, 'unary'>;

/** A unary method of a gRPC service; credentials travel as the metadata `authorization`. */
export async function makeGrpcCall(grpc: Grpc, request: GrpcRequest, prepared: Prepared): Promise<Outcome> {
  const { parts, credentials, fetchDocument, timeoutMs, signal } = prepared;
  if (credentials.header === undefined && credentials.again)
    throw new AuthenticationError('a gRPC server cannot be asked with digest');
  const { path, encode, decode } = await unaryMethod(fetchDocument, request.proto, request);
  const call = {
    host: request.host,
    ...(request.port !== undefined && { port: request.port }),
    path,
    message: encode(fieldsOf(parts, 'the request')['arguments'] ?? {}),
    timeoutMs,
    signal,
  };
  const metadata: Record<string, string> =
    credentials.header === undefined ? {} : { authorization: credentials.header };
  const output = decode(await grpc.unary({ ...call, metadata }).catch(rename));
  const flaw = whyUnstorable(output);
  return flaw === undefined ? { output } : failed('http.invalid', `the reply cannot be kept: ${flaw}`);
}

function rename(error: unknown): never {
  if (!(error instanceof GrpcFailure)) throw error;
  const { kind, message, httpStatus = 500 } = error;
  if (kind === 'status') throw new ServerError(`grpc.${httpStatus}`, message);
  throw new WebFailure(kind, message, { cause: error });
}
