import { ask, outputOf, say, startedBy } from '../brikk-api.js';
import { headerOf, mailServer, write } from './mail-house.js';
import { setUp } from './set-up.js';

const MAIL = {
  from: 'ada@example.com',
  subject: 'Checkout is down',
  text: 'Since 03:14 no order is accepted and all customers see an error. The database does not answer. Nobody can pay.',
  messageId: '<1@example.com>',
};

const server = await mailServer();
try {
  const source = await setUp(ask, { smtp: `smtp://127.0.0.1:${server.port}`, team: 'on-call@example.com' });
  await write(source, MAIL);
  say(`Mail:  ${MAIL.from} writes: ${MAIL.subject}`);
  const id = await startedBy(source);
  say(`Brikk: completed: ${JSON.stringify(await outputOf(id))}`);
  for (const mail of server.mails) {
    const thread = headerOf(mail, 'In-Reply-To');
    say(
      `Mail:  to ${headerOf(mail, 'To')}: ${headerOf(mail, 'Subject')}${thread === '' ? '' : ` (answers ${thread})`}`,
    );
  }
} finally {
  await server.close();
}
