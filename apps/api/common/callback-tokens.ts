import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import type { AnsweredAttempt } from '../../../contracts/later-answers.js';
import { CallbackKeys } from '../../../database/callback-keys.js';
import { isSignedBy, readCallbackToken } from '../../../database/callback-token.js';
import { Database } from '../../../database/database.js';
import { Vault } from '../../../database/vault.js';

/** Looks at tokens before anything of the request is read. */
@Injectable()
export class CallbackTokens {
  private readonly keys: CallbackKeys;

  constructor(database: Database, vault: Vault) {
    this.keys = new CallbackKeys(database, vault);
  }

  /** Which attempt a token answers. Fails `call.not_found` for one that nobody signed, `call.closed` when it is over. */
  async attemptOf(token: string): Promise<AnsweredAttempt> {
    const said = readCallbackToken(token);
    const key = said && (await this.keys.find(said.orgId));
    if (!said || !key || !isSignedBy(key, token))
      throw new BrikkError('call.not_found', 'There is no call that this URL answers');
    if (Date.now() >= said.expiresAt)
      throw new BrikkError('call.closed', 'The call waits for no answer: its time is over');
    return said;
  }
}
