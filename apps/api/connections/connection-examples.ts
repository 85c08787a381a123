import type { Json } from '../../../contracts/json.js';

/** Bodies of `POST /v1/connections`. */
export const CONNECTION_EXAMPLES: Record<string, Json> = {
  api: {
    name: 'shop',
    provider: 'http',
    baseUrls: ['https://api.shop.example.com/v2'],
    auth: { kind: 'bearer', token: 'the-token-of-the-shop' },
    settings: { testPath: '/me' },
  },
  webhook: {
    name: 'partner',
    provider: 'webhook',
    baseUrls: ['https://partner.example.com/hooks/brikk'],
    auth: { kind: 'signing', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
  },
};
