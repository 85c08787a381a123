import type { HmacScheme, WebhookProvider } from '../../contracts/webhook-sources.js';

/** How a provider signs, in the words of `hmac`, as one of the two whose header holds several signatures, or by a token. */
export interface SignatureScheme {
  /** The header's own way: one signature, `v1,<base64>` in a list, `t=…,v1=…`, or a bearer token that says nothing of the body. */
  kind: 'plain' | 'list' | 'pairs' | 'bearer';
  algorithm: HmacScheme['algorithm'];
  encoding: HmacScheme['encoding'];
  header: string;
  prefix: string;
  template: string;
  timestampHeader?: string;
  /** Names the delivery; signed where the template holds it. */
  idHeader?: string;
  /** Names the delivery inside the body, which is signed: a field of its object. */
  idField?: string;
}

const plain = { kind: 'plain', algorithm: 'sha256', encoding: 'hex' } as const;

const SCHEMES: Record<Exclude<WebhookProvider, 'hmac'>, SignatureScheme> = {
  /** docs.github.com, Validating webhook deliveries. */
  github: {
    ...plain,
    header: 'x-hub-signature-256',
    prefix: 'sha256=',
    template: '{body}',
    idHeader: 'x-github-delivery',
  },
  /** docs.slack.dev, Verifying requests from Slack. */
  slack: {
    ...plain,
    header: 'x-slack-signature',
    prefix: 'v0=',
    template: 'v0:{timestamp}:{body}',
    timestampHeader: 'x-slack-request-timestamp',
    idField: 'event_id',
  },
  /** developer.atlassian.com, Webhooks: WebSub signatures. */
  jira: {
    ...plain,
    header: 'x-hub-signature',
    prefix: 'sha256=',
    template: '{body}',
    idHeader: 'x-atlassian-webhook-identifier',
  },
  /** developer.atlassian.com, OAuth 2.0 apps: Webhooks. */
  'jira-app': {
    ...plain,
    kind: 'bearer',
    header: 'authorization',
    prefix: 'Bearer ',
    template: '',
    idHeader: 'x-atlassian-webhook-identifier',
  },
  /** standardwebhooks.com 1.0; the secret is base64 behind `whsec_`. */
  standard: {
    kind: 'list',
    algorithm: 'sha256',
    encoding: 'base64',
    header: 'webhook-signature',
    prefix: 'v1,',
    template: '{id}.{timestamp}.{body}',
    timestampHeader: 'webhook-timestamp',
    idHeader: 'webhook-id',
  },
  /** docs.stripe.com, Verify webhook signatures manually; the header holds the time, too. */
  stripe: {
    kind: 'pairs',
    algorithm: 'sha256',
    encoding: 'hex',
    header: 'stripe-signature',
    prefix: '',
    template: '{timestamp}.{body}',
    idField: 'id',
  },
};

export function schemeOf(provider: WebhookProvider, hmac: HmacScheme | null): SignatureScheme {
  if (provider !== 'hmac') return SCHEMES[provider];
  if (!hmac) throw new Error('a source of the provider hmac says how it is signed');
  return { kind: 'plain', ...hmac };
}

/** The time is part of what is signed. */
export const isTimed = ({ template }: SignatureScheme): boolean => template.includes('{timestamp}');

/** Headers that hold signatures or credentials, which are not kept. */
export const isSecretHeader = (name: string): boolean =>
  /signature|authorization|cookie|token|secret|api-?key/.test(name);
