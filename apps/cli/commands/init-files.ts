/** What `brikk init` writes, by path. */
export function projectFiles({
  name,
  brikk,
  zod,
}: {
  name: string;
  brikk: string;
  zod: string;
}): Record<string, string> {
  return {
    'package.json': `${JSON.stringify(
      {
        name,
        version: '0.1.0',
        private: true,
        type: 'module',
        engines: { node: '>=20.19' },
        scripts: {
          up: 'brikk up --detach --no-samples',
          start: 'node agents/main.js',
          test: 'node --test "test/*.test.js"',
          check: 'brikk validate workflows/greeting.yaml',
          down: 'brikk down',
        },
        dependencies: { brikk, zod },
      },
      null,
      2,
    )}\n`,
    '.gitignore': 'node_modules/\n.brikk/\n',
    'jsconfig.json': JSON_CONFIG,
    'agents/greet.js': GREET,
    'agents/main.js': MAIN,
    'test/greet.test.js': TEST,
    'workflows/greeting.yaml': WORKFLOW,
    'README.md': README.replaceAll('$NAME', name),
  };
}

/** Editors and `tsc -p jsconfig.json` check the types of plain JavaScript; nothing has to be built. */
const JSON_CONFIG = `{
  "compilerOptions": {
    "checkJs": true,
    "strict": true,
    "noEmit": true,
    "module": "nodenext",
    "target": "es2023",
    "skipLibCheck": true
  },
  "include": ["agents", "test"]
}
`;

const GREET = `import { z } from 'zod';

const input = z.object({ name: z.string().min(1) });

/**
 * One service of an agent: its contract, and the function that does the work.
 * @type {import('brikk/agent').CapabilityOptions<z.infer<typeof input>>}
 */
export const greet = {
  description: 'Greets somebody by name.',
  input,
  output: z.object({ text: z.string() }),
  handler: ({ name }) => ({ text: \`Hello \${name}\` }),
  bid: () => ({ price: 0.01, etaMs: 10 }),
};
`;

const MAIN = `import { serveAgent } from 'brikk/agent';
import { greet } from './greet.js';

// Serves, registers, renews its lease, and leaves in order when it is stopped.
await serveAgent({ name: 'greeter', version: '1.0.0', capabilities: { greet } });
`;

const TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { greet } from '../agents/greet.js';

const context = /** @type {import('brikk/agent').TaskContext} */ ({});

test('greets by name', async () => {
  assert.deepEqual(await greet.handler({ name: 'Ada' }, context), { text: 'Hello Ada' });
});

test('wants a name', () => {
  assert.equal(greet.input?.safeParse({ name: '' }).success, false);
});
`;

const WORKFLOW = `document:
  dsl: '1.0.3'
  namespace: examples
  name: greeting
  version: '1.0.0'
do:
  - greet:
      call: agent
      with:
        capability: greet
        input: { name: '\${ .name }' }
  - answer:
      set:
        greeting: \${ .text }
`;

const README = `# $NAME

Agents coordinated by Brikk.

\`\`\`sh
npm install
npm test           # the agent's function by itself
npm run up         # Brikk with its database and engine, in the background
npm start          # the agent; leave it running
\`\`\`

In another terminal:

\`\`\`sh
npx brikk run agent --with '{"capability":"greet"}' --input '{"name":"Ada"}' --follow
npm run check
npx brikk workflows publish workflows/greeting.yaml
npx brikk run examples/greeting:1.0.0 --input '{"name":"Ada"}' --follow
npm run down
\`\`\`

| file                      | what                                       |
| ------------------------- | ------------------------------------------ |
| \`agents/greet.js\`         | a capability: contract and function        |
| \`agents/main.js\`          | the agent that offers it                   |
| \`workflows/greeting.yaml\` | a workflow definition that calls the agent |
| \`test/greet.test.js\`      | a test of the function                     |
`;
