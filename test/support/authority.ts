import type { IncomingMessage } from 'node:http';
import { Events, OAuth2Server } from 'oauth2-mock-server';

interface Given {
  grant_type?: string;
  code?: string;
  redirect_uri?: string;
  code_verifier?: string;
  refresh_token?: string;
  client_secret?: string;
}

/**
 * An authorisation server whose person always agrees. It checks PKCE and the client's secret, takes each code once with the
 * redirect URI that it was given for, and rotates refresh tokens.
 */
export class Authority {
  /** Bodies of the requests for tokens. */
  readonly asked: Given[] = [];
  /** What is said in place of the usual, once. */
  next: { statusCode: number; body: object } | undefined;
  private readonly server = new OAuth2Server();
  private readonly codes = new Map<string, string>();
  private refreshToken = '';
  private given = 0;

  static async start(): Promise<Authority> {
    const authority = new Authority();
    await authority.server.issuer.keys.generate('RS256');
    await authority.server.start(0, '127.0.0.1');
    authority.server.service.on(Events.BeforeAuthorizeRedirect, ({ url }: { url: URL }) => {
      authority.codes.set(url.searchParams.get('code') ?? '', `${url.origin}${url.pathname}`);
    });
    authority.server.service.on(Events.BeforeResponse, (answer, request) => authority.answer(answer, request));
    return authority;
  }

  get url(): string {
    return this.server.issuer.url as string;
  }

  /** A credential of a client of this server. */
  get auth() {
    return {
      kind: 'oauth2' as const,
      grant: 'authorization_code' as const,
      authorizationUrl: `${this.url}/authorize`,
      authorizationParameters: { access_type: 'offline' },
      tokenUrl: `${this.url}/token`,
      clientId: 'brikk',
      clientSecret: 'the-secret-of-the-client',
      clientAuthentication: 'post' as const,
      scopes: ['orders.read', 'orders.write'],
    };
  }

  /** Where the browser of a person goes who agrees. */
  async agree(url: string): Promise<URL> {
    const answer = await fetch(url, { redirect: 'manual' });
    return new URL(answer.headers.get('location') ?? '');
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  private answer(answer: { statusCode: number; body: unknown }, request: IncomingMessage & { body?: unknown }): void {
    const body = { ...(request.body as Given) };
    this.asked.push(body);
    if (this.next) Object.assign(answer, this.next);
    else if (!this.isGood(body)) Object.assign(answer, { statusCode: 400, body: { error: 'invalid_grant' } });
    else {
      this.given++;
      this.refreshToken = `refresh-${this.given}`;
      const tokens = { access_token: `access-${this.given}`, refresh_token: this.refreshToken, expires_in: 3_600 };
      answer.body = tokens;
    }
    this.next = undefined;
  }

  private isGood({ grant_type, code = '', redirect_uri, code_verifier, refresh_token, client_secret }: Given): boolean {
    if (client_secret !== 'the-secret-of-the-client') return false;
    if (grant_type === 'client_credentials') return true;
    if (grant_type === 'refresh_token') return refresh_token === this.refreshToken;
    const redirectUri = this.codes.get(code);
    this.codes.delete(code);
    return redirectUri !== undefined && redirectUri === redirect_uri && code_verifier !== undefined;
  }
}
