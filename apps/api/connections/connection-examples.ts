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
  several: {
    name: 'search',
    provider: 'http',
    baseUrls: ['https://eu.search.example.com', 'https://us.search.example.com'],
    auth: { kind: 'apiKey', header: 'X-Api-Key', key: 'the-key-of-the-search' },
    fallback: { connection: 'shop' },
  },
  mail: {
    name: 'mail',
    provider: 'email',
    baseUrls: ['smtps://smtp.example.com:465'],
    auth: { kind: 'basic', username: 'brikk', password: 'the-password-of-the-mailbox' },
    settings: { from: 'Brikk <brikk@example.com>' },
  },
  oauth2: {
    name: 'crm',
    provider: 'http',
    baseUrls: ['https://api.crm.example.com'],
    auth: {
      kind: 'oauth2',
      grant: 'client_credentials',
      tokenUrl: 'https://login.crm.example.com/oauth2/token',
      clientId: 'brikk',
      clientSecret: 'the-secret-of-the-client',
      scopes: ['orders.read'],
    },
    rateLimit: { points: 10, durationMs: 1_000 },
  },
  agreement: {
    name: 'calendar',
    provider: 'http',
    baseUrls: ['https://api.calendar.example.com'],
    auth: {
      kind: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://login.calendar.example.com/authorize',
      authorizationParameters: { access_type: 'offline' },
      tokenUrl: 'https://login.calendar.example.com/token',
      clientId: 'brikk',
      clientSecret: 'the-secret-of-the-client',
      scopes: ['events.read'],
    },
  },
  webhook: {
    name: 'partner',
    provider: 'webhook',
    baseUrls: ['https://partner.example.com/hooks/brikk'],
    auth: { kind: 'signing', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
  },
};
