import type { ServerResponse } from 'node:http';
import { VersionNotSupportedError } from '@a2a-js/sdk/errors';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { ApiRequest, Caller } from '../common/request.js';

export type A2aVersion = '1.0' | '0.3';

/** A request of an A2A client, whatever its binding. */
export interface A2aRequest {
  caller: Caller;
  /** As the client says it. */
  version: string;
  body: Buffer;
  query: Readonly<Record<string, unknown>>;
  params: Readonly<Record<string, string>>;
  path: string;
  /** Aborted when the client has gone. */
  gone: AbortSignal;
}

export const FromA2a = createParamDecorator((_: undefined, context: ExecutionContext): A2aRequest => {
  const request = context.switchToHttp().getRequest<ApiRequest>();
  const { caller, body, query, params, headers, url = '' } = request;
  if (!caller || !Buffer.isBuffer(body)) throw new Error('a route of A2A has a caller, and its body as it stands');
  const gone = new AbortController();
  context
    .switchToHttp()
    .getResponse<ServerResponse>()
    .once('close', () => gone.abort());
  const said = headers['a2a-version'] ?? query['A2A-Version'];
  const version = typeof said === 'string' ? said : '';
  return { caller, version, body, query, params, path: url.split('?', 1)[0] ?? '', gone: gone.signal };
});

/**
 * The version to speak: nothing said is 0.3, and a patch makes no difference. Fails VersionNotSupportedError for what is
 * not among those offered.
 */
export function versionOf(said: string, offered: readonly A2aVersion[]): A2aVersion {
  const [named = '0.3'] = /^\d+\.\d+(?=(?:\.\d+)?$)/.exec(said === '' ? '0.3' : said) ?? [said];
  const found = offered.find((version) => version === named);
  if (found) return found;
  const message = `A2A ${named.slice(0, 20)} is not spoken here: send A2A-Version ${offered.join(' or ')}`;
  throw new VersionNotSupportedError({ message, metadata: { offered: offered.join(', ') } });
}
