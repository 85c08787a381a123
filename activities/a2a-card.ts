import { classifyFailure } from '../connectors/lib/classify-failure.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import { type A2aServer, listOf, nodeOf, serverInCard, textOf } from './agent-card.js';
import { DocumentError, parseDocument } from './outside-call.js';
import type { Offer, RemoteServer } from './remote-agents.js';

const MAX_LISTED = 32;

/** The skills in an agent's card. Fails with a BrikkError `agent.*`. */
export async function offeredSkills(server: RemoteServer, limit: number) {
  const card = nodeOf(await cardOf(server));
  interfaceIn(card, server.endpoint);
  const skills = listOf(card['skills']).map(nodeOf);
  const description = textOf(card['description']);
  return {
    offers: skills.slice(0, limit).map((skill) => offerOf(skill, card)),
    isAll: skills.length <= limit,
    ...(description !== '' && { description }),
  };
}

function offerOf(skill: Record<string, Json>, card: Record<string, Json>): Offer {
  const description = textOf(skill['description']) || textOf(skill['name']);
  const [inputTypes, outputTypes] = [
    textsIn(skill['inputModes'] ?? card['defaultInputModes']),
    textsIn(skill['outputModes'] ?? card['defaultOutputModes']),
  ];
  const tags = textsIn(skill['tags']).filter((tag) => /^[A-Za-z0-9._-]+$/.test(tag));
  return {
    name: textOf(skill['id']) || textOf(skill['name']),
    ...(description !== '' && { description }),
    ...(inputTypes.length > 0 && { inputTypes }),
    ...(outputTypes.length > 0 && { outputTypes }),
    ...(tags.length > 0 && { tags }),
  };
}

const textsIn = (value: Json | undefined): string[] =>
  listOf(value)
    .map(textOf)
    .filter((text) => text !== '' && text.length <= 128)
    .slice(0, MAX_LISTED);

/** Where an agent is spoken to, by its card as it is now. Fails with a BrikkError `agent.*`. */
export const interfaceOf = async (server: RemoteServer): Promise<A2aServer> =>
  interfaceIn(await cardOf(server), server.endpoint);

async function cardOf({ endpoint, fetch, headers }: RemoteServer): Promise<Json> {
  const answer = await fetch(endpoint, { headers: { accept: 'application/json', ...headers } });
  const text = await answer.text();
  if (answer.status !== 200) throw classifyFailure({ kind: 'status', status: answer.status, detail: 'no agent card' });
  return unusable(() => parseDocument(text));
}

const interfaceIn = (card: Json, from: string): A2aServer => unusable(() => serverInCard(card, from));

function unusable<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw new BrikkError('agent.invalid_output', `The agent card cannot be used: ${error.message}`, { cause: error });
  }
}
