import { randomUUID } from 'node:crypto';
import type { TaskPushNotificationConfig } from '@a2a-js/sdk';
import { Injectable } from '@nestjs/common';
import { type PushTarget, putPushTarget, type ShownTarget } from '../../../database/a2a-push.repository.js';
import type { Tx } from '../../../database/database.js';
import { Vault } from '../../../database/vault.js';
import { invalidField } from '../common/invalid-field.js';
import { Settings } from '../env.js';
import { checkAddresses } from '../webhooks/check-addresses.js';

const ID = /^[A-Za-z0-9._-]{1,128}$/;
const SCHEME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
const PRINTABLE = /^[\x20-\x7e]{0,4096}$/;
const MAX_URL = 2_048;

/** Push notifications of tasks: deliveries like those of webhook endpoints, to addresses that the same rule allows. */
@Injectable()
export class A2aPush {
  constructor(
    private readonly vault: Vault,
    private readonly settings: Settings,
  ) {}

  /** Fails `request.invalid`, naming the field and never its secret. */
  async check({ id, url, token, authentication }: TaskPushNotificationConfig): Promise<PushTarget> {
    if (id !== '' && !ID.test(id)) throw invalidField('id', 'must be 1 to 128 characters of A-Z a-z 0-9 . _ -');
    const parsed = url.length <= MAX_URL ? URL.parse(url) : null;
    if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.hash !== '')
      throw invalidField('url', 'must be an http or https URL without credentials and fragment');
    if (!PRINTABLE.test(token)) throw invalidField('token', 'must be printable ASCII, at most 4,096 characters');
    const { scheme = '', credentials = '' } = authentication ?? {};
    if (authentication && !SCHEME.test(scheme))
      throw invalidField('authentication.scheme', 'must be a scheme such as Bearer');
    if (!PRINTABLE.test(credentials)) throw invalidField('authentication.credentials', 'must be printable ASCII');
    await checkAddresses(this.settings.networks ?? [], [url]);
    return {
      id: id === '' ? randomUUID() : id,
      url,
      ...(token !== '' && { token }),
      ...(authentication && { authentication: { scheme, credentials } }),
    };
  }

  async put(tx: Tx, orgId: string, taskId: string, target: PushTarget): Promise<ShownTarget> {
    await putPushTarget(tx, this.vault, orgId, taskId, target);
    return { id: target.id, url: target.url, scheme: target.authentication?.scheme ?? null };
  }
}
