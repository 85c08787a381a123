import type { TaskList } from '../../contracts/definition-tasks.js';
import { definitionOf } from '../support/interpreted.js';

const numbered = (count: number): TaskList =>
  Array.from({ length: count }, (_, at) => ({
    [`a${at + 1}`]: { emit: { event: { with: { type: 'a', data: at + 1 } } } },
  }));
/** The tasks of one event lead to the end of the run. */
export const EACH_EVENT: TaskList = [
  {
    both: {
      fork: {
        branches: [
          {
            hear: {
              listen: { to: { any: [{ with: { type: 'a' } }], until: 'length == 3' } },
              foreach: {
                do: [
                  { route: { switch: [{ second: { when: '. == 2', then: 'end' } }, { other: { then: 'continue' } }] } },
                ],
                export: { as: '{ last: $item }', schema: { document: { type: 'object' } } },
              },
            },
          },
          { tell: { do: numbered(3) } },
        ],
      },
    },
  },
  { pause: { wait: { milliseconds: 10 } } },
];

const ENDS: TaskList = [
  {
    read: {
      call: 'asyncapi',
      with: {
        document: { endpoint: 'https://shop.example.com/asyncapi.yaml' },
        operation: 'read',
        subscription: {
          consume: { until: '$context.last == 1' },
          foreach: {
            do: [{ told: { emit: { event: { with: { type: 'told' } } } } }],
            export: { as: '{ last: $item.payload }' },
          },
        },
      },
    },
  },
  { give: { call: 'giveUp' } },
  { pause: { wait: { milliseconds: 10 } } },
];
const giveUp = { do: [{ stop: { set: { given: 'up' }, then: 'end' } }] };

/** A function whose tasks lead to the end of the run, and a message after which a subscription is to end. */
export const ENDED = definitionOf(ENDS, { use: { functions: { giveUp } } });
