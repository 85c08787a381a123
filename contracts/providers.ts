/** How a connection proves who it is. */
export const AUTH_KINDS = ['none', 'bearer', 'apiKey', 'basic', 'signing', 'oauth2', 'githubApp', 'mtls'] as const;
export type AuthKind = (typeof AUTH_KINDS)[number];

export const PROVIDER_NAMES = ['http', 'email', 'webhook', 'slack', 'github', 'jira'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** An outside system as data: what a connection to it may say, and how its answers are read. */
export interface Provider {
  authKinds: readonly AuthKind[];
  /** Where it is, unless a connection says so; undefined: a connection has to. */
  baseUrl?: string;
  /** Schemes of base URLs, with their colons. */
  schemes: readonly string[];
  /** Hosts beside those of the base URLs; `*.` stands for any names before. */
  allowedHosts: readonly string[];
  /** Kinds of its systems, the first by default. */
  flavours?: readonly string[];
  /** What a connection may say in `settings`. */
  settings: { readonly [name: string]: 'needed' | 'optional' };
  /** Headers of answers, in lower case, that say when there is room again. */
  rateLimit: {
    /** The calls that are left. */
    remaining?: string;
    /** When there are more: seconds since the epoch. */
    resetAt?: string;
  };
  /** A request without effect that only the right credential can make; undefined: its connector knows better. */
  test?: { method: string; path: string };
}

/** Every outside system that connections lead to. */
export const PROVIDERS: { readonly [Name in ProviderName]: Provider } = {
  http: {
    authKinds: ['none', 'bearer', 'apiKey', 'basic', 'oauth2', 'mtls'],
    schemes: ['https:', 'http:'],
    allowedHosts: [],
    settings: { testPath: 'optional' },
    rateLimit: { remaining: 'x-ratelimit-remaining', resetAt: 'x-ratelimit-reset' },
    test: { method: 'GET', path: '' },
  },
  email: {
    authKinds: ['basic', 'none'],
    schemes: ['smtps:', 'smtp:'],
    allowedHosts: [],
    settings: { from: 'needed', replyTo: 'optional' },
    rateLimit: {},
  },
  webhook: {
    authKinds: ['signing', 'none'],
    schemes: ['https:', 'http:'],
    allowedHosts: [],
    settings: {},
    rateLimit: {},
  },
  slack: {
    authKinds: ['bearer', 'oauth2'],
    baseUrl: 'https://slack.com/api',
    schemes: ['https:', 'http:'],
    // Where files are uploaded to.
    allowedHosts: ['files.slack.com'],
    settings: {},
    rateLimit: {},
  },
  github: {
    authKinds: ['bearer', 'oauth2', 'githubApp'],
    baseUrl: 'https://api.github.com',
    schemes: ['https:', 'http:'],
    allowedHosts: [],
    settings: {},
    rateLimit: { remaining: 'x-ratelimit-remaining', resetAt: 'x-ratelimit-reset' },
    // Free of charge, and refused to a credential that is none.
    test: { method: 'GET', path: '/rate_limit' },
  },
  jira: {
    authKinds: ['basic', 'bearer', 'oauth2'],
    schemes: ['https:', 'http:'],
    allowedHosts: [],
    flavours: ['cloud', 'dataCenter'],
    settings: {},
    rateLimit: {},
    test: { method: 'GET', path: '/rest/api/2/myself' },
  },
};
