import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  completable,
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  McpServer,
  ResourceTemplate,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] });
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';
const codec = createRequestStateCodec<{ step: number }>({
  key: createHmac('sha256', 'fixture').update('key').digest(),
});

const name = z.object({ name: z.string() });
const ask = (message: string, requestedSchema: z.ZodObject) => inputRequired.elicit({ message, requestedSchema });

/** The tools, resources and prompts that the scenarios of the official conformance package ask a server for. */
export function fixtureServer(): McpServer {
  const server = new McpServer(
    { name: 'brikk-fixture', version: '1.0.0' },
    {
      capabilities: { logging: {}, tools: {}, resources: {}, prompts: {}, completions: {} },
      requestState: { verify: (state, context) => codec.verify(state, context) },
    },
  );
  addContents(server);
  addQuestions(server);
  addResources(server);
  addPrompts(server);
  return server;
}

function addContents(server: McpServer): void {
  server.registerTool('test_simple_text', { description: 'Says something' }, () =>
    text('This is a simple text response for testing.'),
  );
  server.registerTool('test_image_content', { description: 'Shows something' }, () => ({
    content: [{ type: 'image', data: PNG, mimeType: 'image/png' }],
  }));
  server.registerTool('test_audio_content', { description: 'Sounds' }, () => ({
    content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }],
  }));
  server.registerTool('test_embedded_resource', { description: 'Holds a resource' }, () => ({
    content: [
      {
        type: 'resource',
        resource: {
          uri: 'test://embedded-resource',
          mimeType: 'text/plain',
          text: 'This is an embedded resource content.',
        },
      },
    ],
  }));
  server.registerTool('test_multiple_content_types', { description: 'Holds several' }, () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      { type: 'image', data: PNG, mimeType: 'image/png' },
      {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: '{"test":"data","value":123}',
        },
      },
    ],
  }));
  server.registerTool('test_error_handling', { description: 'Fails' }, () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  server.registerTool('test_logging_tool', { description: 'Logs' }, async ({ mcpReq }) => {
    await mcpReq.log('info', 'Tool execution started');
    return text('logged');
  });
  server.registerTool('test_tool_with_progress', { description: 'Takes a while' }, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined)
        await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
      await delay(50);
    }
    return text('done');
  });
}

function addQuestions(server: McpServer): void {
  server.registerTool('test_input_required_result_elicitation', { description: 'Asks a name' }, ({ mcpReq }) => {
    const said = acceptedContent(mcpReq.inputResponses, 'user_name', name);
    if (said) return text(`Hello, ${said.name}!`);
    return inputRequired({ inputRequests: { user_name: ask('What is your name?', name) } });
  });
  server.registerTool('test_input_required_result_sampling', { description: 'Asks a model' }, ({ mcpReq }) => {
    const said = inputResponse(mcpReq.inputResponses, 'capital_question');
    if (said.kind === 'sampling') return text(JSON.stringify(said.result.content));
    return inputRequired({ inputRequests: { capital_question: sample('What is the capital of France?', 100) } });
  });
  server.registerTool('test_input_required_result_list_roots', { description: 'Asks for roots' }, ({ mcpReq }) => {
    const said = inputResponse(mcpReq.inputResponses, 'client_roots');
    if (said.kind === 'roots') return text(JSON.stringify(said.roots));
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  });
  server.registerTool('test_missing_capability', { description: 'Needs a model' }, () =>
    inputRequired({ inputRequests: { question: sample('What is the capital of France?', 100) } }),
  );
  server.registerTool(
    'test_streaming_elicitation',
    { description: 'Tells of itself, then asks' },
    async ({ mcpReq }) => {
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken: 'asking', progress: 1 } });
      return inputRequired({ inputRequests: { user_name: ask('What is your name?', name) } });
    },
  );
  const confirming = z.object({ ok: z.boolean() });
  for (const tool of ['test_input_required_result_request_state', 'test_input_required_result_tampered_state'])
    server.registerTool(tool, { description: 'Asks to go on' }, async (context) => {
      const said = acceptedContent(context.mcpReq.inputResponses, 'confirm', confirming);
      if (said && context.mcpReq.requestState<{ step: number }>()?.step === 1) return text('state-ok');
      return inputRequired({
        inputRequests: { confirm: ask('Please confirm', confirming) },
        requestState: await codec.mint({ step: 1 }, context),
      });
    });
  server.registerTool('test_input_required_result_multiple_inputs', { description: 'Asks much' }, async (context) => {
    const { inputResponses } = context.mcpReq;
    const said = acceptedContent(inputResponses, 'user_name', name);
    const greeting = inputResponse(inputResponses, 'greeting');
    const roots = inputResponse(inputResponses, 'client_roots');
    if (said && greeting.kind === 'sampling' && roots.kind === 'roots') return text(`Hello, ${said.name}!`);
    return inputRequired({
      inputRequests: {
        user_name: ask('What is your name?', name),
        greeting: sample('Generate a greeting', 50),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await codec.mint({ step: 1 }, context),
    });
  });
  server.registerTool('test_input_required_result_multi_round', { description: 'Asks twice' }, async (context) => {
    const { inputResponses, requestState } = context.mcpReq;
    const color = z.object({ color: z.string() });
    const step = requestState<{ step: number }>()?.step ?? 0;
    if (step === 2 && acceptedContent(inputResponses, 'step2', color)) return text('Both steps are done.');
    if (step >= 1 && acceptedContent(inputResponses, 'step1', name))
      return inputRequired({
        inputRequests: { step2: ask('Step 2: What is your favorite color?', color) },
        requestState: await codec.mint({ step: 2 }, context),
      });
    return inputRequired({
      inputRequests: { step1: ask('Step 1: What is your name?', name) },
      requestState: await codec.mint({ step: 1 }, context),
    });
  });
  server.registerTool('test_input_required_result_capabilities', { description: 'Asks what it may' }, ({ mcpReq }) => {
    const capabilities =
      (mcpReq.envelope as { [key: string]: object } | undefined)?.[CLIENT_CAPABILITIES_META_KEY] ?? {};
    const requests = {
      ...('sampling' in capabilities && { capital_question: sample('What is the capital of France?', 100) }),
      ...('elicitation' in capabilities && { user_name: ask('What is your name?', name) }),
    };
    return Object.keys(requests).length > 0 ? inputRequired({ inputRequests: requests }) : text('nothing to ask');
  });
}

const sample = (question: string, maxTokens: number) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: question } }],
    maxTokens,
  });

function addResources(server: McpServer): void {
  const cacheHint = { ttlMs: 60_000, cacheScope: 'public' as const };
  server.registerResource('static-text', 'test://static-text', { mimeType: 'text/plain', cacheHint }, ({ href }) => ({
    contents: [{ uri: href, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
  }));
  server.registerResource('static-binary', 'test://static-binary', { mimeType: 'image/png' }, ({ href }) => ({
    contents: [{ uri: href, mimeType: 'image/png', blob: PNG }],
  }));
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined });
  server.registerResource('template', template, { mimeType: 'application/json' }, ({ href }, { id }) => ({
    contents: [
      {
        uri: href,
        mimeType: 'application/json',
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
      },
    ],
  }));
}

function addPrompts(server: McpServer): void {
  const user = (content: { type: 'text'; text: string } | { type: 'image'; data: string; mimeType: string }) => ({
    role: 'user' as const,
    content,
  });
  server.registerPrompt('test_simple_prompt', { description: 'Simple' }, () => ({
    messages: [user({ type: 'text', text: 'This is a simple prompt for testing.' })],
  }));
  const words = (value: string | undefined) =>
    ['paris', 'park', 'party'].filter((word) => word.startsWith(value ?? ''));
  const args = z.object({ arg1: completable(z.string(), words), arg2: z.string() });
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'With two', argsSchema: args },
    ({ arg1, arg2 }) => ({
      messages: [user({ type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` })],
    }),
  );
  const resource = z.object({ resourceUri: z.string() });
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'With a resource', argsSchema: resource },
    ({ resourceUri }) => ({
      messages: [
        {
          role: 'user',
          content: {
            type: 'resource',
            resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
          },
        },
        user({ type: 'text', text: 'Please process the embedded resource above.' }),
      ],
    }),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'With an image' }, () => ({
    messages: [
      user({ type: 'image', data: PNG, mimeType: 'image/png' }),
      user({ type: 'text', text: 'Please analyze the image above.' }),
    ],
  }));
  const context = z.object({ context: z.string() });
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks first' }, ({ mcpReq }) => {
    const said = acceptedContent(mcpReq.inputResponses, 'user_context', context);
    if (said) return { messages: [user({ type: 'text', text: `Context: ${said.context}` })] };
    return inputRequired({ inputRequests: { user_context: ask('What context should the prompt use?', context) } });
  });
}
