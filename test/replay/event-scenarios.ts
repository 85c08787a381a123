import type { TaskList } from '../../contracts/definition-tasks.js';

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
