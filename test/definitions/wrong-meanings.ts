import { HEAD, tasks, text, type WrongDocument } from './wrong-document.js';

/** Documents of the right shape that mean nothing, or not what they should. */
export const WRONG_MEANINGS: WrongDocument[] = [
  {
    what: 'a version of the language that is not known',
    text: text("document: { dsl: '1.1.0', namespace: test, name: wrong, version: '1.0.0' }", 'do: []'),
    says: [
      '1:18 unsupported-dsl /document/dsl: version 1.1.0 of the language is not known (1.0.0, 1.0.1, 1.0.2, 1.0.3)',
    ],
  },
  {
    what: 'another expression language',
    text: text(HEAD, 'evaluate: { language: javascript }', 'do: []'),
    says: ['2:23 unsupported-language /evaluate/language: expressions are jq, not javascript (jq)'],
  },
  {
    what: 'two tasks of one name',
    text: tasks('- a: { wait: PT1S }', '- b: { wait: PT1S }', '- a: { wait: PT2S }'),
    says: ['5:3 duplicate-name /do/2/a: there is another task "a" in this list: names are unique'],
  },
  {
    what: 'a task named like a directive',
    text: tasks('- end: { wait: PT1S }'),
    says: ['3:3 reserved-name /do/0/end: "end" is what then may say: a task needs another name'],
  },
  {
    what: 'a target that is misspelt',
    text: tasks('- route: { switch: [ { fixed: { when: .ok, then: repot } } ] }', '- report: { wait: PT1S }'),
    says: [
      '3:50 unknown-target /do/0/route/switch/0/fixed/then: no task "repot" here; did you mean "report"? (route, report, continue, exit, end)',
    ],
  },
  {
    what: 'a target of another list',
    text: tasks('- a: { do: [ { b: { wait: PT1S, then: c } } ] }', '- c: { wait: PT1S }'),
    says: ['3:39 unknown-target /do/0/a/do/0/b/then: no task "c" here; did you mean "b"? (b, continue, exit, end)'],
  },
  {
    what: 'a target among branches',
    text: tasks('- a: { fork: { branches: [ { b: { wait: PT1S, then: c } }, { c: { wait: PT1S } } ] } }'),
    says: [
      '3:53 unknown-target /do/0/a/fork/branches/0/b/then: no way leads from branch to branch: they run side by side, so "c" is no target (continue, exit, end)',
    ],
  },
  {
    what: 'two default cases',
    text: tasks('- a: { switch: [ { b: { then: end } }, { c: { then: exit } } ] }'),
    says: ['3:42 duplicate-default /do/0/a/switch/1/c: there is another case without when: one at most is the default'],
  },
  {
    what: 'two cases of one name',
    text: tasks('- a: { switch: [ { b: { when: .x, then: end } }, { b: { when: .y, then: exit } } ] }'),
    says: ['3:52 duplicate-name /do/0/a/switch/1/b: there is another case "b" in this list: names are unique'],
  },
  {
    what: 'jq that does not parse',
    text: tasks("- a: { set: { n: '${ .x | }' } }"),
    says: ['3:18 invalid-expression /do/0/a/set/n: syntax error: unexpected end of program at line 1, column 7'],
  },
  {
    what: 'an expression that is not closed',
    text: tasks("- a: { set: { n: '${ .x' } }"),
    says: ['3:18 invalid-expression /do/0/a/set/n: the expression is not closed: `${` needs a `}`'],
  },
  {
    what: 'a condition that is half inside of ${ }',
    text: tasks("- a: { wait: PT1S, if: '${ .n } > 3' }"),
    says: ['3:24 invalid-expression /do/0/a/if: must be jq as a whole: all of it inside of ${ }, or none'],
  },
  {
    what: 'a function of jq that does not exist',
    text: tasks("- a: { set: { n: '${ .x | sort_buy(.y) }' } }"),
    says: ['3:18 invalid-expression /do/0/a/set/n: sort_buy/1 is not defined at line 1, column 7'],
  },
  {
    what: 'a misspelt variable',
    text: tasks("- a: { set: { n: '${ $contxt.x }' } }"),
    says: [
      '3:18 invalid-expression /do/0/a/set/n: $contxt is not known here at line 1, column 2; did you mean "$context"? ($workflow, $runtime, $context, $task, $input)',
    ],
  },
  {
    what: 'the input before there is one',
    text: tasks("- a: { wait: PT1S, if: '$input.ok' }"),
    says: [
      '3:24 invalid-expression /do/0/a/if: $input is not known here at line 1, column 1 ($workflow, $runtime, $context, $task)',
    ],
  },
  {
    what: 'the output before there is one',
    text: tasks("- a: { set: { n: 1 }, output: { as: '$output' } }"),
    says: [
      '3:37 invalid-expression /do/0/a/output/as: $output is not known here at line 1, column 1 ($workflow, $runtime, $context, $task, $input)',
    ],
  },
  {
    what: 'the context before there is one',
    text: text(HEAD, "input: { from: '$context' }", 'do: []'),
    says: ['2:16 invalid-expression /input/from: $context is not known here at line 1, column 1 ($workflow, $runtime)'],
  },
  {
    what: 'a variable of a loop behind it',
    text: tasks('- a: { for: { in: .items, each: host }, do: [] }', "- b: { set: { n: '${ $host }' } }"),
    says: [
      '4:18 invalid-expression /do/1/b/set/n: $host is not known here at line 1, column 2 ($workflow, $runtime, $context, $task, $input)',
    ],
  },
  {
    what: 'a loop variable with $',
    text: tasks('- a: { for: { in: .items, each: $host }, do: [] }'),
    says: ['3:33 invalid-name /do/0/a/for/each: must be the name of a variable, without $'],
  },
  {
    what: 'a retry policy that is not there',
    text: text(
      HEAD,
      'use: { retries: { gentle: { delay: PT1S } } }',
      'do:',
      '- a: { try: [], catch: { retry: gental } }',
    ),
    says: [
      '4:33 unknown-retry /do/0/a/catch/retry: no retry policy "gental" in use.retries; did you mean "gentle"? (gentle)',
    ],
  },
  {
    what: 'a timeout that is not there',
    text: tasks('- a: { wait: PT1S, timeout: short }'),
    says: ['3:29 unknown-timeout /do/0/a/timeout: no timeout "short" in use.timeouts'],
  },
  {
    what: 'an error that is not there',
    text: tasks('- a: { raise: { error: broken } }'),
    says: ['3:24 unknown-error /do/0/a/raise/error: no error "broken" in use.errors'],
  },
  {
    what: 'an authentication that is not there',
    text: tasks(
      "- a: { call: http, with: { method: get, endpoint: { uri: 'https://a.example', authentication: { use: portal } } } }",
    ),
    says: [
      '3:102 unknown-authentication /do/0/a/with/endpoint/authentication/use: no authentication "portal" in use.authentications',
    ],
  },
  {
    what: 'a function that is not there',
    text: tasks('- a: { call: makret, with: {} }'),
    says: [
      '3:14 unknown-function /do/0/a/call: no function "makret"; did you mean "market"? (agent, market, http, openapi, grpc, asyncapi, a2a, mcp)',
    ],
  },
  {
    what: 'a version of a function that is not there',
    text: tasks("- a: { call: 'agent:2.0.0@default', with: { capability: x } }"),
    says: ['3:14 unknown-function /do/0/a/call: "agent" has no version 2.0.0 (agent:1.0.0@default)'],
  },
  {
    what: 'a catalogue that is not there',
    text: tasks("- a: { call: 'agent:1.0.0@mine', with: { capability: x } }"),
    says: ['3:14 unknown-catalog /do/0/a/call: no catalogue "mine" in use.catalogs (default)'],
  },
  {
    what: 'functions that call each other',
    text: text(HEAD, 'use: { functions: { f: { call: g }, g: { call: f } } }', 'do: []'),
    says: ['2:21 function-cycle /use/functions/f: calls itself: f → g → f'],
  },
  {
    what: 'a parameter that a function does not have',
    text: tasks('- a: { call: agent, with: { capabilty: x } }'),
    says: [
      '3:29 unknown-field /do/0/a/with/capabilty: "capabilty" is not a known field here; did you mean "capability"? (capability, agent, input, outputSchema)',
    ],
  },
  {
    what: 'a call without its parameters',
    text: tasks('- a: { call: agent }'),
    says: ['3:6 invalid-with /do/0/a/with: needs capability, agent or both'],
  },
  {
    what: 'a choice that does not exist',
    text: tasks('- a: { call: market, with: { task: { capability: x }, mechanism: vickery } }'),
    says: [
      '3:66 not-allowed /do/0/a/with/mechanism: "vickery" is not allowed here; did you mean "vickrey"? (contract-net, vickrey, english)',
    ],
  },
  {
    what: 'a parameter out of range',
    text: tasks('- a: { call: market, with: { task: { capability: x }, minBids: 0 } }'),
    says: ['3:64 out-of-range /do/0/a/with/minBids: must be at least 1'],
  },
  {
    what: 'a duration of a function that is none',
    text: tasks('- a: { call: market, with: { task: { capability: x }, bidDeadline: soon } }'),
    says: ['3:68 invalid-with /do/0/a/with/bidDeadline: must be a duration such as PT30S'],
  },
  {
    what: 'jq of a pattern that does not parse',
    text: tasks("- a: { call: market, with: { task: { capability: x }, eligible: '.price <=' } }"),
    says: [
      '3:65 invalid-expression /do/0/a/with/eligible: syntax error: unexpected end of program at line 1, column 10',
    ],
  },
  {
    what: 'an output schema that is none',
    text: tasks('- a: { call: agent, with: { capability: x, outputSchema: { type: objekt } } }'),
    says: [
      '3:66 invalid-schema /do/0/a/with/outputSchema/type: is no usable JSON Schema: must be one of array, boolean, integer, null, number, object, string',
    ],
  },
  {
    what: 'an input schema that is none',
    text: text(HEAD, 'input: { schema: { document: { required: yes } } }', 'do: []'),
    says: ['2:42 invalid-schema /input/schema/document/required: is no usable JSON Schema: must be array'],
  },
  {
    what: 'a schedule of two kinds',
    text: text(HEAD, "schedule: { every: PT1H, cron: '0 * * * *' }", 'do: []'),
    says: ['2:26 schedule-kinds /schedule/cron: "cron" does not go with "every": a schedule is of one kind'],
  },
  {
    what: 'a schedule that comes too often',
    text: text(HEAD, 'schedule: { every: PT0.5S }', 'do: []'),
    says: ['2:20 out-of-range /schedule/every: must be a duration from PT1S to P10Y, not an expression'],
  },
  {
    what: 'a schedule whose distance is not known yet',
    text: text(HEAD, "schedule: { after: '${ 5 }' }", 'do: []'),
    says: ['2:20 out-of-range /schedule/after: must be a duration from PT1S to P10Y, not an expression'],
  },
  {
    what: 'a schedule of no kind',
    text: text(HEAD, 'schedule: {}', 'do: []'),
    says: ['2:1 schedule-kinds /schedule: needs one of these fields (every, cron, after, on)'],
  },
  {
    what: 'a cron expression of four fields',
    text: text(HEAD, "schedule: { cron: '0 * * *' }", 'do: []'),
    says: [
      '2:19 invalid-cron /schedule/cron: must have five fields (minute, hour, day of the month, month, day of the week), not 4',
    ],
  },
  {
    what: 'an hour that does not exist',
    text: text(HEAD, "schedule: { cron: '0 24 * * *' }", 'do: []'),
    says: ['2:19 invalid-cron /schedule/cron: has a wrong hour: 0 to 23, *, lists, ranges, steps'],
  },
  {
    what: 'a negative duration',
    text: tasks('- a: { wait: { seconds: -1 } }'),
    says: ['3:25 invalid-duration /do/0/a/wait/seconds: must not be negative'],
  },
  {
    what: 'an event without attributes',
    text: tasks('- a: { emit: { event: {} } }'),
    says: ['3:16 missing-field /do/0/a/emit/event: needs "with": the attributes of the event'],
  },
  {
    what: 'an A2A call without an agent',
    text: tasks('- a: { call: a2a, with: { method: message/send } }'),
    says: ['3:19 missing-field /do/0/a/with: needs "agentCard" or "server"'],
  },
  {
    what: 'two mistakes in one pass',
    text: tasks('- a: { wait: soon, then: nowhere }', "- b: { set: { n: '${ . | }' } }"),
    says: [
      '3:14 wrong-format /do/0/a/wait: must be a duration such as PT30S or {seconds: 30}, or an expression in ${ }',
      '3:26 unknown-target /do/0/a/then: no task "nowhere" here (a, b, continue, exit, end)',
      '4:18 invalid-expression /do/1/b/set/n: syntax error: unexpected end of program at line 1, column 6',
    ],
  },
];
