import { HEAD, tasks, text, type WrongDocument } from './wrong-document.js';

/** Secrets where they may not be, or that nobody has named. */
export const WRONG_SECRETS: WrongDocument[] = [
  {
    what: 'a secret outside of a call',
    text: tasks("- a: { set: { n: '${ $secrets.key }' } }"),
    says: [
      '3:18 secret-not-allowed /do/0/a/set/n: $secrets is there only inside of with of calls, and in arguments, environment and stdin of processes',
    ],
  },
  {
    what: 'a secret that is not named',
    text: text(
      HEAD,
      'use: { secrets: [ pager ] }',
      'do:',
      "- a: { call: http, with: { method: get, endpoint: 'https://a.example', headers: { key: '${ $secrets.pagr }' } } }",
    ),
    says: [
      '4:88 unknown-secret /do/0/a/with/headers/key: no secret "pagr" in use.secrets; did you mean "pager"? (pager)',
    ],
  },
  {
    what: 'a policy with a secret that is not named',
    text: tasks(
      "- a: { call: http, with: { method: get, endpoint: { uri: 'https://a.example', authentication: { bearer: { use: pager } } } } }",
    ),
    says: ['3:112 unknown-secret /do/0/a/with/endpoint/authentication/bearer/use: no secret "pager" in use.secrets'],
  },
  {
    what: 'a secret in the code of a script',
    text: text(
      HEAD,
      'use: { secrets: [ pager ] }',
      'do:',
      "- a: { run: { script: { language: js, code: 'x(${ $secrets.pager })', arguments: [ '${ $secrets.pager }' ] } } }",
    ),
    says: [
      '4:45 secret-not-allowed /do/0/a/run/script/code: $secrets is there only inside of with of calls, and in arguments, environment and stdin of processes',
    ],
  },
];
