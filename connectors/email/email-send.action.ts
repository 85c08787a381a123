import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { EmailSendWith } from '../../contracts/connector-functions.js';
import { BrikkError } from '../../contracts/errors.js';
import type { ActionCall, ConnectorAction, ConnectorTest } from '../lib/connector-action.js';
import { fillTemplate } from './fill-template.js';
import { smtpFailure } from './smtp-failure.js';

/** `email.send`: a message of the same `Message-ID` over all attempts, by which mail systems know it again. */
export const emailSend: ConnectorAction<EmailSendWith> = {
  async send(call) {
    const { with: message, key, startedAt, connection } = call;
    const { settings } = connection;
    const from = String(message.from ?? settings['from']);
    const [, domain = 'brikk.invalid'] = /@([A-Za-z0-9.-]+)/.exec(from) ?? [];
    const messageId = `<${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${domain}>`;
    const { subject, text, html, data, attachments = [], inReplyTo, headers = {} } = message;
    const replyTo = message.replyTo ?? settings['replyTo'];
    const references = message.references ?? (inReplyTo === undefined ? undefined : [inReplyTo]);
    return overSmtp(call, async (transport) => {
      const sent = await transport.sendMail({
        messageId,
        date: startedAt,
        from,
        to: message.to,
        subject: fillTemplate(subject, data, 'text'),
        headers,
        ...(message.cc !== undefined && { cc: message.cc }),
        ...(message.bcc !== undefined && { bcc: message.bcc }),
        ...(replyTo !== undefined && { replyTo: String(replyTo) }),
        ...(text !== undefined && { text: fillTemplate(text, data, 'text') }),
        ...(html !== undefined && { html: fillTemplate(html, data, 'html') }),
        ...(inReplyTo !== undefined && { inReplyTo }),
        ...(references !== undefined && { references }),
        attachments: attachments.map(({ filename, content, encoding, contentType }) => ({
          filename,
          content: Buffer.from(content, encoding),
          ...(contentType !== undefined && { contentType }),
        })),
      });
      const addresses = (list: unknown) => (Array.isArray(list) ? list.map(addressOf) : []);
      const output = { messageId, accepted: addresses(sent.accepted), rejected: addresses(sent.rejected) };
      return { output, externalId: messageId };
    });
  },
};

/** Says hello, and logs in. */
export const emailTest: ConnectorTest = (call) =>
  overSmtp(call, async (transport) => {
    await transport.verify();
  });

type Transport = ReturnType<typeof createTransport>;

/** With TLS from the start (`smtps:`), or as soon as it is spoken to (`smtp:`), but for the networks of the operator. */
async function overSmtp<With, Done>(
  { connection: { baseUrl, auth }, timeoutMs, signal, resolve }: ActionCall<With>,
  work: (transport: Transport) => Promise<Done>,
): Promise<Done> {
  const { hostname, port, protocol } = new URL(baseUrl);
  const secure = protocol === 'smtps:';
  const mayBePlain = secure ? undefined : await resolve(hostname, false).catch(() => undefined);
  const transport = createTransport({
    host: mayBePlain ?? (await resolve(hostname, true)),
    port: Number(port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && mayBePlain === undefined,
    tls: { servername: hostname },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(auth.kind === 'basic' && { auth: { user: auth.username, pass: auth.password } }),
  });
  const timer = AbortSignal.timeout(timeoutMs);
  let stop = () => undefined as void;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new BrikkError('connector.unavailable', `${hostname} did not answer within ${timeoutMs} ms`));
  });
  const both = AbortSignal.any([timer, signal]);
  both.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work(transport), stopped]);
  } catch (error) {
    throw smtpFailure(error, hostname);
  } finally {
    both.removeEventListener('abort', stop);
    transport.close();
  }
}

const addressOf = (entry: unknown): string =>
  typeof entry === 'string' ? entry : String((entry as { address?: string }).address ?? '');
