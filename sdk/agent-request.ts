import type { IncomingMessage } from 'node:http';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import {
  AGENT_PROTOCOL_VERSION,
  AGENT_HEADERS,
  type AgentRequest,
  agentRequestSchema,
} from '../contracts/agent-protocol.js';
import { AgentProblem, violationsOf } from './agent-problem.js';

/** A request that came whole, signed if it must be, and in the right shape. Fails with AgentProblem. */
export async function readAgentRequest(
  message: IncomingMessage,
  { maxBodyBytes, signingSecret }: { maxBodyBytes: number; signingSecret: string | undefined },
): Promise<AgentRequest> {
  const protocol = message.headers[AGENT_HEADERS.protocol] ?? String(AGENT_PROTOCOL_VERSION);
  if (protocol !== String(AGENT_PROTOCOL_VERSION))
    throw new AgentProblem(400, 'Unsupported protocol', `this agent speaks Brikk-Protocol ${AGENT_PROTOCOL_VERSION}`);
  if (!/^application\/(.+\+)?json\b/i.test(message.headers['content-type'] ?? ''))
    throw new AgentProblem(415, 'Unsupported content type', 'the body must be application/json');
  const body = await readBody(message, maxBodyBytes);
  if (signingSecret !== undefined) verify(message, body, signingSecret);
  const request = agentRequestSchema.safeParse(parseJson(body));
  if (request.success) return request.data;
  throw new AgentProblem(422, 'Invalid request', 'the request breaks the agent protocol', {
    errors: violationsOf(request.error.issues),
  });
}

async function readBody(message: IncomingMessage, maxBodyBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBodyBytes)
        throw new AgentProblem(413, 'Body too large', `the body has more than ${maxBodyBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof AgentProblem) throw cause;
    throw new AgentProblem(400, 'Incomplete request', 'the connection ended before the body', { cause });
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new AgentProblem(400, 'Invalid JSON', 'the body is not JSON', { cause });
  }
}

function verify({ headers }: IncomingMessage, body: string, secret: string): void {
  try {
    new Webhook(secret).verify(
      body,
      {
        'webhook-id': String(headers[AGENT_HEADERS.id] ?? ''),
        'webhook-timestamp': String(headers[AGENT_HEADERS.timestamp] ?? ''),
        'webhook-signature': String(headers[AGENT_HEADERS.signature] ?? ''),
      },
      { jsonParse: false },
    );
  } catch (cause) {
    if (!(cause instanceof WebhookVerificationError)) throw cause;
    throw new AgentProblem(401, 'Invalid signature', 'the request is not signed with the secret of this agent', {
      cause,
    });
  }
}
