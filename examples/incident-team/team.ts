import { z } from 'zod';
import { type Bid, TaskRejected } from '../../sdk/agent.js';

/** One agent of the team: what it answers, by the kind of request, as pure functions of what it is asked. */
export interface Member {
  agent: string;
  capability: string;
  task: (input: unknown) => unknown;
  bid?: (call: unknown) => Bid;
  plan?: (call: unknown) => unknown;
  decide?: (call: unknown) => unknown;
}

const ticket = z.object({
  id: z.string(),
  title: z.string(),
  text: z.string(),
  hosts: z.array(z.string()).default([]),
});
const host = z.object({ name: z.string(), errors: z.number() });
const idea = z.object({ text: z.string(), confidence: z.number(), ok: z.boolean().nullable() });
const board = z.object({ board: z.object({ ideas: z.record(z.string(), idea).default({}) }) });
const reports = z.object({ reports: z.array(z.object({ id: z.string(), output: z.unknown() })) });

const GUESSES: z.infer<typeof idea>[] = [
  { text: 'somebody changed the network', confidence: 0.5, ok: null },
  { text: 'the disk is full', confidence: 0.8, ok: null },
  { text: 'the clocks differ', confidence: 0.3, ok: null },
];

/** The hosts that a ticket names, with the errors that their logs would hold. */
const hostsOf = (names: string[]) => names.map((name, place) => ({ name, errors: place % 3 }));

const repairs = (agent: string, price: number): Member => ({
  agent,
  capability: 'repair',
  bid: () => ({ price, etaMs: 1_000, confidence: 0.9 }),
  task: (input) => ({ by: agent, hosts: z.object({ hosts: z.array(z.string()) }).parse(input).hosts.length }),
});

/** Who works on an incident: rules instead of models, so that a run of it can be foretold. */
export const TEAM: readonly Member[] = [
  {
    agent: 'classifier',
    capability: 'classify',
    task: (input) => ({ critical: ticket.parse(input).text.includes('down'), category: 'availability' }),
  },
  { agent: 'librarian', capability: 'log-search', task: (input) => ({ hosts: hostsOf(ticket.parse(input).hosts) }) },
  {
    agent: 'inspector',
    capability: 'inspect',
    task: (input) => {
      const { name, errors } = host.parse(input);
      return { name, suspicious: errors > 1 };
    },
  },
  repairs('day-crew', 0.4),
  repairs('night-crew', 0.55),
  repairs('vendor-crew', 2),
  { agent: 'senior', capability: 'senior', task: () => ({ by: 'senior' }) },
  {
    agent: 'proposer',
    capability: 'propose',
    task: (input) => {
      const count = Object.keys(board.parse(input).board.ideas).length;
      return { writes: [{ section: 'ideas', key: `idea-${count + 1}`, value: GUESSES[count % GUESSES.length] }] };
    },
  },
  {
    agent: 'verifier',
    capability: 'verify',
    task: (input) => {
      const open = Object.entries(board.parse(input).board.ideas).filter(([, { ok }]) => ok === null);
      const judged = ([key, one]: (typeof open)[number]) => ({
        section: 'ideas',
        key,
        value: { ...one, ok: one.confidence > 0.7 },
      });
      return { writes: open.map(judged) };
    },
  },
  {
    agent: 'planner-of-remedies',
    capability: 'remedy',
    plan: () => ({
      tasks: [
        { id: 'drain', capability: 'drain' },
        { id: 'restart', capability: 'restart', dependsOn: ['drain'] },
      ],
    }),
    task: () => refuse('it plans'),
  },
  { agent: 'balancer', capability: 'drain', task: () => ({ drained: true }) },
  { agent: 'operator', capability: 'restart', task: () => refuse('a full disk is not cured by a restart') },
  {
    agent: 'lead',
    capability: 'incident-lead',
    decide: () => ({
      subtasks: [
        { id: 'vendor', capability: 'vendor' },
        { id: 'customers', capability: 'inform' },
      ],
    }),
    task: (input) => Object.fromEntries(reports.parse(input).reports.map(({ id, output }) => [id, output])),
  },
  { agent: 'vendor-desk', capability: 'vendor', task: () => 'a larger disk is on its way' },
  { agent: 'mailer', capability: 'inform', task: () => 'customers are told' },
];

function refuse(why: string): never {
  throw new TaskRejected(why);
}
