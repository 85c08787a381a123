import { type Ask, publish, renew, type Source } from '../brikk-api.js';

/** How the gateway of incoming mail signs what it posts. */
export const SIGNATURE_HEADER = 'x-mail-signature';

/** The connection that mail goes out by, the source that mail comes in by, and the definition. */
export async function setUp(ask: Ask, { smtp, team }: { smtp: string; team: string }): Promise<Source> {
  await renew(ask, 'connections', {
    name: 'mail',
    provider: 'email',
    baseUrls: [smtp],
    settings: { from: 'Support <support@example.com>' },
    auth: { kind: 'basic', username: 'support', password: 'mail-example' },
  });
  await publish(ask, 'incident-mail');
  return renew<Source>(ask, 'webhook-sources', {
    name: 'mail',
    provider: 'hmac',
    hmac: { header: SIGNATURE_HEADER },
    routes: [
      {
        name: 'mail',
        action: 'start',
        workflow: 'support/incident-mail',
        input: `{team: ${JSON.stringify(team)}} + {from, subject, text, messageId}`,
      },
    ],
  });
}
