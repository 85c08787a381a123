/** Definitions that are right, every kind of task and call in them; what is mutated starts from these. */
export const SAMPLE_TASKS: Record<string, object> = {
  http: {
    call: 'http',
    with: {
      method: 'get',
      endpoint: {
        uri: 'https://a.example/{id}',
        authentication: { basic: { username: 'u', password: '${ $secrets.key }' } },
      },
      headers: { accept: 'text/plain' },
      query: '${ .query }',
      body: { a: [1, '${ .x }'] },
      output: 'response',
      redirect: true,
    },
    timeout: { after: 'PT5S' },
  },
  openapi: {
    call: 'openapi',
    with: {
      document: { name: 'd', endpoint: 'https://a.example/d' },
      operationId: 'o',
      parameters: { id: '${ .id }' },
      authentication: { use: 'portal' },
    },
  },
  grpc: {
    call: 'grpc',
    with: {
      proto: { endpoint: 'https://a.example/p' },
      service: { name: 's', host: 'h', port: 80 },
      method: 'm',
      arguments: { n: 1 },
    },
  },
  publish: {
    call: 'asyncapi',
    with: { document: { endpoint: 'https://a.example' }, operation: 'o', message: { payload: { n: 1 } } },
  },
  subscribe: {
    call: 'asyncapi',
    with: {
      document: { endpoint: 'https://a.example' },
      channel: 'c',
      protocol: 'http',
      subscription: {
        filter: '${ .ok }',
        consume: { amount: 3, for: 'PT1M' },
        foreach: { item: 'message', do: [{ note: { set: { n: '${ $message }' } } }] },
      },
    },
  },
  a2a: { call: 'a2a', with: { method: 'message/send', server: 'https://a.example', parameters: { text: 'hi' } } },
  mcp: {
    call: 'mcp',
    with: {
      method: 'tools/call',
      transport: { http: { endpoint: 'https://a.example', headers: { a: 'b' } } },
      parameters: { name: 't' },
      timeout: { seconds: 3 },
      client: { name: 'c', version: '1' },
    },
  },
  function: { call: 'classify', with: { anything: ['goes', 1] }, metadata: { any: 1 } },
  do: {
    do: [{ inner: { wait: 'PT1S' } }, { last: { wait: '${ .delay }', then: 'inner' } }],
    if: '.ok',
    input: { from: { a: '${ .a }' } },
  },
  fork: { fork: { branches: [{ left: { wait: { seconds: 1 } } }, { right: { set: { n: 1 } } }], compete: true } },
  emit: {
    emit: {
      event: {
        with: { type: 't', source: 'https://a.example', time: '2026-11-21T16:30:00Z', data: { n: 1 }, own: 'x' },
      },
    },
  },
  for: {
    for: { each: 'host', in: '.hosts', at: 'at' },
    while: '$at < 3',
    do: [{ note: { set: { host: '${ $host }' } } }],
  },
  one: {
    listen: {
      to: { one: { with: { type: 't' }, correlate: { id: { from: '.id', expect: '${ .id }' } } } },
      read: 'envelope',
    },
  },
  all: { listen: { to: { all: [{ with: { type: 't' } }, { with: { data: '${ .ok }' } }] } } },
  any: {
    listen: { to: { any: [{ with: { type: 't' } }], until: { one: { with: { type: 'stop' } } } } },
    foreach: { do: [{ note: { set: '${ $item }' } }] },
  },
  raise: {
    raise: { error: { type: 'https://a.example/e', status: 500, title: 't', detail: '${ .why }', instance: '/do/0' } },
  },
  named: { raise: { error: 'broken' } },
  workflow: {
    run: { workflow: { namespace: 'n', name: 'w', version: '1.0.0', input: { a: '${ . }' } }, await: false },
  },
  container: {
    run: {
      container: { image: 'i', lifetime: { cleanup: 'eventually', after: 'PT1M' }, environment: { A: 'b' } },
      return: 'all',
    },
  },
  script: { run: { script: { language: 'js', code: '1', arguments: ['a'] } } },
  shell: { run: { shell: { command: 'ls' } } },
  set: { set: { a: '${ .b }', b: [1] }, export: { as: '$context + .' } },
  switch: { switch: [{ yes: { when: '.ok', then: 'end' } }, { no: { then: 'continue' } }] },
  try: {
    try: [{ risky: { wait: 'PT1S' } }],
    catch: {
      errors: { with: { status: 503 } },
      as: 'problem',
      when: '$problem.status > 500',
      retry: {
        delay: 'PT1S',
        backoff: { exponential: {} },
        limit: { attempt: { count: 3 } },
        jitter: { from: 'PT0S', to: 'PT1S' },
      },
      do: [{ note: { set: { e: '${ $problem }' } } }],
      then: 'end',
    },
  },
  gentle: { try: [{ risky: { wait: 'PT1S' } }], catch: { retry: 'gentle' }, timeout: 'short' },
  wait: { wait: 'P1DT2H', output: { as: '.', schema: { document: { type: 'object' } } } },
};

export const SAMPLE_USE = {
  authentications: {
    portal: {
      oauth2: {
        authority: 'https://a.example',
        grant: 'client_credentials',
        client: { id: 'c', secret: '${ $secrets.key }' },
        endpoints: { token: '/t' },
      },
    },
  },
  catalogs: { mine: { endpoint: 'https://a.example' } },
  errors: { broken: { type: 'https://a.example/e', status: 500 } },
  extensions: [{ log: { extend: 'all', when: '.ok', before: [{ note: { set: { a: 1 } } }] } }],
  functions: { classify: { call: 'http', with: { method: 'get', endpoint: 'https://a.example' } } },
  retries: { gentle: { delay: { seconds: 2 }, when: '$error.status > 500' } },
  secrets: ['key'],
  timeouts: { short: { after: 'PT1S' } },
};

/** A definition with these tasks. */
export const sampleDocument = (tasks: readonly string[]) => ({
  document: {
    dsl: '1.0.3',
    namespace: 'test',
    name: 'sample',
    version: '1.0.0',
    tags: { a: 'b' },
    metadata: { brikk: { priority: 'high' } },
  },
  input: { schema: { format: 'json', document: { type: 'object' } }, from: '.' },
  use: SAMPLE_USE,
  do: tasks.map((name) => ({ [name]: SAMPLE_TASKS[name] })),
  timeout: 'short',
  output: { as: { a: '${ .a }' } },
  schedule: { on: { any: [{ with: { type: 't' } }] }, read: 'data' },
  evaluate: { language: 'jq', mode: 'strict' },
});
