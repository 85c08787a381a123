import { tasks, text, type WrongDocument } from './wrong-document.js';

/** Tasks of a wrong shape. */
export const WRONG_TASKS: WrongDocument[] = [
  {
    what: 'a task whose body slipped to the left',
    text: tasks('- a:', '  wait: PT1S'),
    says: [
      '3:3 out-of-range /do/0: an item of this list is an object of one name: - nameOfTask: {…}; found "a" and "wait": is the indentation right?',
    ],
  },
  {
    what: 'a task that is a text',
    text: tasks('- a: wait'),
    says: ['3:6 wrong-type /do/0/a: must be an object, not a text'],
  },
  { what: 'a task that is empty', text: tasks('- a:'), says: ['3:3 wrong-type /do/0/a: is empty; must be an object'] },
  {
    what: 'a task of no kind',
    text: tasks('- a: {}'),
    says: [
      '3:3 missing-field /do/0/a: needs one of these fields (call, do, fork, emit, for, listen, raise, run, set, switch, try, wait)',
    ],
  },
  {
    what: 'a task of no kind with other fields',
    text: tasks('- a: { if: .ok, then: end }'),
    says: [
      '3:3 missing-field /do/0/a: needs one of these fields (call, do, fork, emit, for, listen, raise, run, set, switch, try, wait)',
    ],
  },
  {
    what: 'a misspelt kind of task',
    text: tasks('- a: { swich: [ { b: { then: end } } ] }'),
    says: [
      '3:8 unknown-field /do/0/a/swich: "swich" is not a known field here; did you mean "switch"? (call, do, fork, emit, for, listen, raise, run, set, switch, try, wait)',
    ],
  },
  {
    what: 'a misspelt call',
    text: tasks('- a: { cal: agent, with: { capability: x } }'),
    says: [
      '3:8 unknown-field /do/0/a/cal: "cal" is not a known field here; did you mean "call"? (call, do, fork, emit, for, listen, raise, run, set, switch, try, wait)',
    ],
  },
  {
    what: 'two kinds in one task',
    text: tasks('- a: { set: { n: 1 }, wait: PT1S }'),
    says: ['3:23 conflicting-fields /do/0/a/wait: "wait" does not go with "set": only one of them is allowed'],
  },
  {
    what: 'a loop without its list of tasks',
    text: tasks('- a: { for: { in: .items } }'),
    says: ['3:3 missing-field /do/0/a: needs "do"'],
  },
  {
    what: 'a loop without what it goes over',
    text: tasks('- a: { for: { each: item }, do: [] }'),
    says: ['3:8 missing-field /do/0/a/for: needs "in"'],
  },
  {
    what: 'a try without catch',
    text: tasks('- a: { try: [ { b: { wait: PT1S } } ] }'),
    says: ['3:3 missing-field /do/0/a: needs "catch"'],
  },
  {
    what: 'a field of another kind',
    text: tasks('- a: { do: [], while: .ok }'),
    says: [
      '3:16 unknown-field /do/0/a/while: "while" is not a known field here (do, if, input, output, export, timeout, then, metadata)',
    ],
  },
  {
    what: 'an HTTP call without its arguments',
    text: tasks('- a: { call: http }'),
    says: ['3:3 missing-field /do/0/a: needs "with"'],
  },
  {
    what: 'an HTTP call without method',
    text: tasks("- a: { call: http, with: { endpoint: 'https://a.example' } }"),
    says: ['3:20 missing-field /do/0/a/with: needs "method"'],
  },
  {
    what: 'a misspelt argument',
    text: tasks("- a: { call: http, with: { methd: get, endpoint: 'https://a.example' } }"),
    says: [
      '3:28 unknown-field /do/0/a/with/methd: "methd" is not a known field here; did you mean "method"? (method, endpoint, headers, body, query, output, redirect)',
    ],
  },
  {
    what: 'an endpoint with a space',
    text: tasks("- a: { call: http, with: { method: get, endpoint: 'https://a b' } }"),
    says: ['3:51 wrong-format /do/0/a/with/endpoint: must be a URI, a URI template, or an expression in ${ }'],
  },
  {
    what: 'headers that are numbers',
    text: tasks("- a: { call: http, with: { method: get, endpoint: 'https://a.example', headers: { n: 1 } } }"),
    says: ['3:86 wrong-type /do/0/a/with/headers/n: must be a text, not a number'],
  },
  {
    what: 'an output that does not exist',
    text: tasks("- a: { call: http, with: { method: get, endpoint: 'https://a.example', output: contents } }"),
    says: [
      '3:80 not-allowed /do/0/a/with/output: "contents" is not allowed here; did you mean "content"? (raw, content, response)',
    ],
  },
  {
    what: 'an authentication of no kind',
    text: tasks(
      "- a: { call: http, with: { method: get, endpoint: { uri: 'https://a.example', authentication: { token: x } } } }",
    ),
    says: [
      '3:97 unknown-field /do/0/a/with/endpoint/authentication/token: "token" is not a known field here (use, basic, bearer, digest, oauth2, oidc)',
    ],
  },
  {
    what: 'a login without password',
    text: tasks(
      "- a: { call: http, with: { method: get, endpoint: { uri: 'https://a.example', authentication: { basic: { username: x } } } } }",
    ),
    says: ['3:97 missing-field /do/0/a/with/endpoint/authentication/basic: needs "password"'],
  },
  {
    what: 'a port out of range',
    text: tasks(
      "- a: { call: grpc, with: { proto: { endpoint: 'https://a.example' }, service: { name: s, host: h, port: 70000 }, method: m } }",
    ),
    says: ['3:105 out-of-range /do/0/a/with/service/port: must be at most 65535'],
  },
  {
    what: 'an A2A method that does not exist',
    text: tasks("- a: { call: a2a, with: { method: message/sent, server: 'https://a.example' } }"),
    says: [
      '3:35 not-allowed /do/0/a/with/method: "message/sent" is not allowed here; did you mean "message/send"? (message/send, message/stream, tasks/get, tasks/list, tasks/cancel, tasks/resubscribe, tasks/pushNotificationConfig/set, tasks/pushNotificationConfig/get, tasks/pushNotificationConfig/list, tasks/pushNotificationConfig/delete, agent/getAuthenticatedExtendedCard)',
    ],
  },
  {
    what: 'both transports of MCP',
    text: tasks(
      "- a: { call: mcp, with: { method: tools/list, transport: { http: { endpoint: 'https://a.example' }, stdio: { command: x } } } }",
    ),
    says: [
      '3:101 conflicting-fields /do/0/a/with/transport/stdio: "stdio" does not go with "http": only one of them is allowed',
    ],
  },
  {
    what: 'an AsyncAPI call that neither sends nor listens',
    text: tasks("- a: { call: asyncapi, with: { document: { endpoint: 'https://a.example' }, operation: o } }"),
    says: ['3:24 missing-field /do/0/a/with: needs one of these fields (message, subscription)'],
  },
  {
    what: 'messages over a protocol that is not spoken',
    text: tasks(
      "- a: { call: asyncapi, with: { document: { endpoint: 'https://a.example' }, operation: o, protocol: kafka, message: {} } }",
    ),
    says: ['3:101 unsupported-protocol /do/0/a/with/protocol: messages are not exchanged over kafka here (http)'],
  },
  {
    what: 'branches that are an object',
    text: tasks('- a: { fork: { branches: { b: { wait: PT1S } } } }'),
    says: ['3:26 wrong-type /do/0/a/fork/branches: must be a list, not an object'],
  },
  {
    what: 'an event without a type',
    text: tasks('- a: { emit: { event: { with: { data: 1 } } } }'),
    says: ['3:25 missing-field /do/0/a/emit/event/with: needs "type"'],
  },
  {
    what: 'a listen without events',
    text: tasks('- a: { listen: { read: data } }'),
    says: ['3:8 missing-field /do/0/a/listen: needs "to"'],
  },
  {
    what: 'two ways to listen at once',
    text: tasks('- a: { listen: { to: { one: { with: { type: x } }, all: [] } } }'),
    says: ['3:52 conflicting-fields /do/0/a/listen/to/all: "all" does not go with "one": only one of them is allowed'],
  },
  {
    what: 'an event filter without attributes',
    text: tasks('- a: { listen: { to: { one: { with: {} } } } }'),
    says: ['3:37 out-of-range /do/0/a/listen/to/one/with: needs at least one field'],
  },
  {
    what: 'a correlation without from',
    text: tasks('- a: { listen: { to: { one: { with: { type: x }, correlate: { id: { expect: y } } } } } }'),
    says: ['3:63 missing-field /do/0/a/listen/to/one/correlate/id: needs "from"'],
  },
  {
    what: 'an error without status',
    text: tasks("- a: { raise: { error: { type: 'https://a.example/e' } } }"),
    says: ['3:17 missing-field /do/0/a/raise/error: needs "status"'],
  },
  {
    what: 'a status that is a text',
    text: tasks("- a: { raise: { error: { type: 'https://a.example/e', status: '500' } } }"),
    says: ['3:63 wrong-type /do/0/a/raise/error/status: must be a whole number, not a text'],
  },
  {
    what: 'a run of nothing',
    text: tasks('- a: { run: { await: true } }'),
    says: ['3:8 missing-field /do/0/a/run: needs one of these fields (workflow, container, script, shell)'],
  },
  {
    what: 'a script without code',
    text: tasks('- a: { run: { script: { language: js } } }'),
    says: ['3:15 missing-field /do/0/a/run/script: needs one of these fields (code, source)'],
  },
  {
    what: 'a set of nothing',
    text: tasks('- a: { set: {} }'),
    says: ['3:13 out-of-range /do/0/a/set: needs at least one field'],
  },
  {
    what: 'a switch without cases',
    text: tasks('- a: { switch: [] }'),
    says: ['3:16 out-of-range /do/0/a/switch: must have at least 1 item'],
  },
  {
    what: 'a case without then',
    text: tasks('- a: { switch: [ { b: { when: .ok } } ] }'),
    says: ['3:20 missing-field /do/0/a/switch/0/b: needs "then"'],
  },
  {
    what: 'a duration that is none',
    text: tasks('- a: { wait: 5 minutes }'),
    says: [
      '3:14 wrong-format /do/0/a/wait: must be a duration such as PT30S or {seconds: 30}, or an expression in ${ }',
    ],
  },
  {
    what: 'a duration in a unit that does not exist',
    text: tasks('- a: { wait: { minuts: 5 } }'),
    says: [
      '3:16 unknown-field /do/0/a/wait/minuts: "minuts" is not a known field here; did you mean "minutes"? (days, hours, minutes, seconds, milliseconds)',
    ],
  },
  {
    what: 'a condition that is no text',
    text: tasks('- a: { wait: PT1S, if: true }'),
    says: ['3:24 wrong-type /do/0/a/if: must be a text, not true or false'],
  },
  {
    what: 'a misspelt field of a filter of errors',
    text: tasks('- a: { try: [], catch: { errors: { with: { staus: 503 } } } }'),
    says: [
      '3:44 unknown-field /do/0/a/catch/errors/with/staus: "staus" is not a known field here; did you mean "status"? (type, status, instance, title, detail)',
    ],
  },
  {
    what: 'two ways to back off',
    text: tasks('- a: { try: [], catch: { retry: { backoff: { constant: {}, linear: {} } } } }'),
    says: [
      '3:60 conflicting-fields /do/0/a/catch/retry/backoff/linear: "linear" does not go with "constant": only one of them is allowed',
    ],
  },
  {
    what: 'an option of Brikk that does not exist',
    text: tasks('- a: { wait: PT1S, metadata: { brikk: { need: [ gpu ] } } }'),
    says: [
      '3:41 unknown-field /do/0/a/metadata/brikk/need: "need" is not a known field here; did you mean "needs"? (idempotencyKey, ui, output, heartbeat, needs, compensate)',
    ],
  },
  {
    what: 'a lease of nothing',
    text: tasks('- a: { call: agent, with: { agent: x }, metadata: { brikk: { needs: { gpu: 0 } } } }'),
    says: ['3:76 out-of-range /do/0/a/metadata/brikk/needs/gpu: must be at least 1'],
  },
  {
    what: 'a lease for a call that leases nothing',
    text: tasks(
      '- a: { call: http, with: { method: get, endpoint: https://x.example.com }, metadata: { brikk: { needs: { gpu: 1 } } } }',
    ),
    says: ['3:97 not-allowed /do/0/a/metadata/brikk/needs: only calls of agents lease resources'],
  },
  {
    what: 'an undo of nobody',
    text: tasks('- a: { set: { b: 1 }, metadata: { brikk: { compensate: {} } } }'),
    says: ['3:56 invalid-with /do/0/a/metadata/brikk/compensate: needs capability, agent or both'],
  },
  {
    what: 'an undo that reads what there is not',
    text: tasks('- a: { set: { b: 1 }, metadata: { brikk: { compensate: { agent: x, input: "${ $contxt }" } } } }'),
    says: [
      '3:75 invalid-expression /do/0/a/metadata/brikk/compensate/input: $contxt is not known here at line 1, column 2; did you mean "$context"? ($workflow, $runtime, $context, $task, $input)',
    ],
  },
  {
    what: 'a priority that does not exist',
    text: text(
      "document: { dsl: '1.0.3', namespace: test, name: wrong, version: '1.0.0', metadata: { brikk: { priority: urgent } } }",
      'do: []',
    ),
    says: [
      '1:106 not-allowed /document/metadata/brikk/priority: "urgent" is not allowed here (critical, high, normal, low, background)',
    ],
  },
];
