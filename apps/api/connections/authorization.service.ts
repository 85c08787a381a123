import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { AuthorizationTask, Authorized } from '../../../contracts/connection-tasks.js';
import type { Authorization, OAuthCallback } from '../../../contracts/connections.js';
import { BrikkError } from '../../../contracts/errors.js';
import { audit } from '../../../database/audit.repository.js';
import { Database } from '../../../database/database.js';
import { orgOfState, type StartedState, startState, takeState } from '../../../database/oauth-states.js';
import { Vault } from '../../../database/vault.js';
import { actorOf } from '../common/actor.js';
import { Engine } from '../common/engine.js';
import { knownId } from '../common/ids.js';
import { publicUrlOf } from '../common/public-url.js';
import type { Caller } from '../common/request.js';
import { Settings } from '../env.js';

/** A worker's time to ask the authority, and the way there and back. */
const WAIT_MS = 25_000;

/** Agreements of persons that a connection acts in their name (RFC 6749, 4.1, with PKCE). */
@Injectable()
export class AuthorizationService {
  private readonly redirectUri: string;

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly engine: Engine,
    settings: Settings,
  ) {
    this.redirectUri = `${publicUrlOf(settings)}/v1/oauth/callback`;
  }

  async start(caller: Caller, connectionId: string): Promise<Authorization> {
    knownId(connectionId, 'connection.not_found');
    const { redirectUri } = this;
    return this.database.inOrg(caller.orgId, async (tx) => {
      const terms = { connectionId, askedBy: caller.keyId, redirectUri };
      const started = await startState(tx, this.vault, caller.orgId, terms);
      const action = 'connection.authorization_asked';
      await audit(tx, { ...actorOf(caller), action, target: connectionId, outcome: 'ok' });
      return { url: authorizationUrl(started, redirectUri), expiresAt: started.expiresAt.toISOString() };
    });
  }

  /** Takes the state whatever the person said; the code goes sealed to a worker. */
  async finish({ state, code, error }: OAuthCallback, requestId: string): Promise<Authorized> {
    const orgId = orgOfState(state);
    if (orgId === undefined) throw new BrikkError('oauth.state_invalid', 'The state is none of Brikk');
    const isGiven = code !== undefined && error === undefined;
    const task = await this.database.inOrg(orgId, async (tx): Promise<AuthorizationTask> => {
      const { stateHash, connectionId, askedBy } = await takeState(tx, this.vault, orgId, { state, code });
      if (!isGiven) {
        const actor = { type: 'api-key' as const, id: askedBy, via: 'oauth' };
        const action = 'connection.authorization_denied';
        await audit(tx, { orgId, actor, action, target: connectionId, outcome: 'denied', requestId });
      }
      return { orgId, stateHash };
    });
    if (!isGiven) throw new BrikkError('oauth.denied', `The authority gave no code: ${reasonIn(error)}`);
    return this.engine.ask('connectionAuthorization', `org_${orgId}/connection/${randomUUID()}`, task, WAIT_MS);
  }
}

function authorizationUrl({ auth, state, codeChallenge }: StartedState, redirectUri: string): string {
  const url = new URL(auth.authorizationUrl);
  const parameters = {
    ...auth.authorizationParameters,
    response_type: 'code',
    client_id: auth.clientId,
    redirect_uri: redirectUri,
    ...(auth.scopes.length > 0 && { scope: auth.scopes.join(' ') }),
    state,
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** As RFC 6749, 4.1.2.1 names them; other text is of whoever made the URL. */
const reasonIn = (error: string | undefined): string =>
  error !== undefined && /^[\w.-]{1,64}$/.test(error) ? error : 'it does not say why';
