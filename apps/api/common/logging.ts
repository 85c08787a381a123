import type { Params } from 'nestjs-pino';
import type { Settings } from '../env.js';
import type { ApiRequest } from './request.js';

/** What is asked all the time, by agents and by those who watch us, and says nothing of who does what. */
const OFTEN = /^\/(health\/|metrics$|v1\/agents\/[^/]+\/instances\/[^/]+\/heartbeat$)/;

/** One line a request: who, what, how long. No headers, no query, no bodies: those may hold secrets and payloads. */
export function logging({ logLevel }: Settings): Params {
  return {
    pinoHttp: {
      level: logLevel,
      autoLogging: { ignore: ({ url = '' }) => OFTEN.test(url) },
      quietReqLogger: true,
      genReqId: (request) => (request as ApiRequest).id,
      customProps: (request) => {
        const { caller } = request as ApiRequest;
        return caller ? { orgId: caller.orgId, keyId: caller.keyId } : {};
      },
      serializers: {
        // Whoever has the token of a callback can answer the call; the URL of a webhook source is nobody else's business.
        req: ({ method, url }: { method: string; url: string }) => ({
          method,
          path: url.split('?')[0]?.replace(/^(\/v1\/calls\/|\/in\/).+/, '$1***'),
        }),
        res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
        err: ({ type, message }: { type: string; message: string }) => ({ type, message }),
      },
    },
  };
}
